"""Composition root: the stages in the order in which data flows, and what drives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from liveeval_assets.eval_sets import assets as eval_sets
from liveeval_assets.labels import assets as labels
from liveeval_assets.outcomes import assets as outcomes
from liveeval_assets.releases import assets as releases
from liveeval_assets.report import assets as report
from liveeval_assets.responses import assets as responses
from liveeval_assets.runtime import alerts, automation, dbt
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.samples import assets as samples
from liveeval_assets.scorecards import assets as scorecards
from liveeval_assets.traces import assets as traces
from liveeval_assets.verdicts import assets as verdicts

STAGES = (releases, traces, outcomes, samples, eval_sets, responses, verdicts, labels, scorecards, report)


def build_defs(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Everything that Dagster loads; `overrides` replaces resources (tests)."""
    resources = {"home": HomeResource(), **dbt.resources(), **(overrides or {})}
    return dg.Definitions(
        assets=[*alerts.with_policy(dg.load_assets_from_modules(STAGES)), *dbt.assets()],
        asset_checks=[alerts.is_fresh],
        jobs=[automation.WEEKLY_REFRESH, automation.PUBLISH],
        schedules=[automation.open_weeks],
        sensors=[automation.reopen, automation.publish_after_refresh, alerts.alert],
        resources=resources,
        executor=dg.in_process_executor,
    )


defs = build_defs()
