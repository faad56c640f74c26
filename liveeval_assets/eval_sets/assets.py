"""Assets of the stage `eval_sets`: versions, and what is known of their health."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import pyarrow as pa
from pydantic import Field, TypeAdapter

from liveeval_assets.eval_sets import checks
from liveeval_assets.eval_sets.contamination import build_contamination
from liveeval_assets.eval_sets.exposures import build_exposures
from liveeval_assets.eval_sets.manifests import build_manifests
from liveeval_assets.eval_sets.staleness import build_staleness
from liveeval_assets.eval_sets.versions import build_versions
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.fingerprint import files_fingerprint
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.shared.errors import SourceError

_PAST_SCORES = TypeAdapter(dict[str, Annotated[float, Field(ge=0, le=1, strict=True)]])


def _past_scores(home: Home, _week: date) -> str:
    frozen = home.settings.eval_sets.frozen
    return files_fingerprint(home.path, frozen.past_scores) if frozen and frozen.past_scores else ""


def _scores(home: Home) -> str | None:
    """Past scores of the imported set as they are published: one JSON object by release."""
    frozen = home.settings.eval_sets.frozen
    if frozen is None or frozen.past_scores is None:
        return None
    path = home.path / frozen.past_scores
    try:
        return json.dumps(_PAST_SCORES.validate_json(path.read_bytes()), sort_keys=True)
    except (OSError, ValueError):
        raise SourceError(f"eval_sets/manifests: {path} is not one JSON object of scores from 0 to 1 by release; mend it") from None


def _corpora(home: Home, _week: date) -> str:
    settings = home.settings.eval_sets
    return files_fingerprint(home.path, *(f"{folder}/**" for folder in (settings.corpora, settings.prompts) if folder))


@lake_asset(
    writes="eval_sets/versions",
    reads=("samples/drawn", "samples/anonymised", "samples/imported", Read("samples/strata", Weeks.UPTO)),
    checks=checks.VERSIONS,
)
def versions(run: Run) -> pa.Table:
    """Make the living version of the week and, in the first week, the frozen one."""
    is_first = set(run.read("samples/strata")["week"].to_pylist()) == {run.week}
    return build_versions(
        run.read("samples/drawn"),
        run.read("samples/anonymised"),
        run.read("samples/imported"),
        run.settings.eval_sets.open_share,
        run.settings.seed,
        run.week,
        is_first=is_first,
    )


@lake_asset(writes="eval_sets/manifests", reads=(Read("eval_sets/versions", Weeks.UPTO),), checks=checks.MANIFESTS, source=_past_scores)
def manifests(run: Run) -> pa.Table:
    """Pin the week's versions: content hash, parent, diff, tags."""
    return build_manifests(run.read("eval_sets/versions"), _scores(run.home), run.week)


@lake_asset(
    writes="eval_sets/contamination",
    reads=(Read("eval_sets/versions", Weeks.UPTO), Read("releases/registry", Weeks.UPTO)),
    checks=checks.CONTAMINATION,
    source=_corpora,
)
def contamination(run: Run) -> pa.Table:
    """Search new items, and the frozen ones for new releases, in corpora and product prompts."""
    settings = run.settings.eval_sets
    found = build_contamination(
        run.read("eval_sets/versions"),
        run.read("releases/registry"),
        run.home.path / settings.corpora if settings.corpora else None,
        run.home.path / settings.prompts if settings.prompts else None,
        settings.ngram,
        run.week,
    )
    run.note(searched_corpora=bool(settings.corpora), searched_prompts=bool(settings.prompts))
    return found


@lake_asset(
    writes="eval_sets/staleness",
    reads=(Read("eval_sets/versions", Weeks.UPTO), Read("eval_sets/manifests", Weeks.UPTO), "samples/assigned"),
    checks=checks.STALENESS,
)
def staleness(run: Run) -> pa.Table:
    """Compare the frozen and the living version with this week's traffic."""
    settings = run.settings.eval_sets
    return build_staleness(
        run.read("eval_sets/versions"),
        run.read("eval_sets/manifests"),
        run.read("samples/assigned"),
        settings.min_ess_rate,
        settings.max_uncovered,
        run.week,
    )


@lake_asset(writes="eval_sets/exposures", reads=("verdicts/calls",))
def exposures(run: Run) -> pa.Table:
    """Count the week's sends of items to models."""
    return build_exposures(run.read("verdicts/calls"), run.week)
