"""Assets of the stage `scorecards`."""

from __future__ import annotations

import pyarrow as pa

from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.scorecards import checks
from liveeval_assets.scorecards.exposure import with_exposure
from liveeval_assets.scorecards.gap import build_gap
from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.published import evaluators, past_scores, published, reference, refuter_rates
from liveeval_assets.scorecards.quality import with_quality
from liveeval_assets.scorecards.scores import Floors, build_scores
from liveeval_assets.scorecards.units import build_units

_REGISTRY = Read("releases/registry", Weeks.UPTO)


@lake_asset(
    writes="scorecards/item_scores",
    reads=(
        "samples/assigned",
        Read("scorecards/item_scores", Weeks.PREVIOUS),
        _REGISTRY,
        Read("eval_sets/versions", Weeks.FIRST),
        "eval_sets/contamination",
        "responses/answers",
        "verdicts/judged",
        "verdicts/audited",
        "verdicts/controls",
        "labels/consensus",
        "samples/anonymised",
        "outcomes/matured",
        "traces/conversations",
    ),
    checks=checks.ITEM_SCORES_CHECKS,
)
def item_scores(run: Run) -> pa.Table:
    """Every unit of the week's scorecards with verdicts, exposures, labels and outcomes."""
    settings, seed = run.settings.scorecards, run.settings.seed
    tables = {path: run.read(path) for path in run.reads}
    units = build_units(tables, week=run.week, window=settings.window_weeks, covariates=settings.covariates)
    units = with_exposure(units, reference(run.read("releases/registry")))
    return with_outcomes(with_quality(units, seed), seed)


@lake_asset(
    writes="scorecards/scores",
    reads=("scorecards/item_scores", _REGISTRY, "verdicts/judge_health", "verdicts/judged", Read("eval_sets/manifests", Weeks.FIRST)),
    checks=checks.SCORES_CHECKS,
)
def scores(run: Run) -> pa.Table:
    """Scores of the releases that served this week."""
    settings = run.settings.scorecards
    units, manifests = run.read("scorecards/item_scores"), run.read("eval_sets/manifests")
    return build_scores(
        units,
        week=run.week,
        releases=published(units, run.read("releases/registry"), run.week),
        floors=Floors(settings.min_labels, settings.min_stratum_items, settings.min_users),
        refuter=refuter_rates(run.read("verdicts/judge_health")),
        past_scores=past_scores(manifests, run.week),
        inputs=[*evaluators(run.read("verdicts/judged")), *sorted(f"{m['version']}@{m['content_hash']}" for m in manifests.to_pylist())],
        replicates=settings.replicates,
        seed=run.settings.seed,
    )


@lake_asset(writes="scorecards/gap", reads=("scorecards/item_scores", _REGISTRY), checks=checks.GAP_CHECKS)
def gap(run: Run) -> pa.Table:
    """Why offline score and north star disagree, for the releases that served this week."""
    units, registry = run.read("scorecards/item_scores"), run.read("releases/registry")
    return build_gap(
        units,
        week=run.week,
        releases=published(units, registry, run.week),
        reference=reference(registry),
        replicates=run.settings.scorecards.replicates,
        seed=run.settings.seed,
    )
