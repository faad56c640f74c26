"""TABLES: every stage's declarations in flow order, by path; the interface between stages."""

from liveeval_assets.eval_sets import tables as eval_sets
from liveeval_assets.labels import tables as labels
from liveeval_assets.outcomes import tables as outcomes
from liveeval_assets.releases import tables as releases
from liveeval_assets.responses import tables as responses
from liveeval_assets.samples import tables as samples
from liveeval_assets.scorecards import tables as scorecards
from liveeval_assets.shared.spec import TableSpec
from liveeval_assets.traces import tables as traces
from liveeval_assets.verdicts import tables as verdicts

_STAGES = (releases, traces, outcomes, samples, eval_sets, responses, verdicts, labels, scorecards)

TABLES: dict[str, TableSpec] = {spec.path: spec for stage in _STAGES for spec in stage.TABLES}
