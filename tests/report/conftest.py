"""The tables of the second week of the fixture lake, as the page reads them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.report.facts import About
from liveeval_assets.tables import TABLES
from tests.dbt import fixture_lake as lake

FIRST, SECOND = lake.WEEKS


def table(path: str, **weeks: list[dict[str, Any]]) -> pa.Table:
    """Rows by week, named `first` and `second`."""
    when = {"first": FIRST, "second": SECOND}
    return TABLES[path].rows([{"week": when[name], **row} for name, rows in weeks.items() for row in rows])


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    return {
        "scorecards/scores": table("scorecards/scores", first=lake._scores(FIRST, 0.0), second=lake._scores(SECOND, 0.0)),
        "scorecards/gap": table("scorecards/gap", second=lake._gap(SECOND)),
        "verdicts/judge_health": table("verdicts/judge_health", second=lake._health()),
        "eval_sets/staleness": table("eval_sets/staleness", second=lake._staleness(SECOND)),
        "samples/assigned": table("samples/assigned", second=lake._assigned(SECOND, "r2")),
        "samples/strata": table("samples/strata", first=lake._strata(FIRST)),
        "releases/registry": table("releases/registry", first=lake._registry(FIRST), second=lake._registry(SECOND)),
    }


@pytest.fixture
def about() -> About:
    return About("a support assistant", "resolution", SECOND, 10, "", "f1")
