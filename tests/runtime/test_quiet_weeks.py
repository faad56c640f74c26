"""Weeks without records are passed over with a word, weeks without answers have a scorecard without items."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from liveeval_assets.cli import refresh
from liveeval_assets.runtime import automation
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.inputs import recorded_weeks, unpublished_before
from liveeval_assets.samples import checks as samples_checks
from liveeval_assets.samples.draw import draw
from liveeval_assets.scorecards import checks as scorecards_checks
from liveeval_assets.tables import TABLES
from tests.scorecards.tables import filled
from tests.traces.build import FIRST, SECOND, ingest_week, make_home, record

THIRD = date(2026, 6, 15)
QUIET = {"a.jsonl": [record("c1"), record("c3", at="2026-06-16T10:00:00Z")]}


def test_a_week_is_recorded_if_any_record_belongs_to_it_even_a_bad_one(tmp_path: Path) -> None:
    assert recorded_weeks(make_home(tmp_path / "1", QUIET)) == {FIRST, THIRD}
    assert recorded_weeks(make_home(tmp_path / "2", {"a.jsonl": [record("c2", at="2026-06-09T10:00:00Z", messages=[])]})) == {SECOND}


def test_weeks_before_the_beginning_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stray old record, or an export that comes after the first week was published, stops nothing."""
    home = make_home(tmp_path, {"a.jsonl": [record("c0", at="2026-05-05T10:00:00Z"), record("c1"), record("c2", at="2026-06-09T10:00:00Z")]})
    assert recorded_weeks(home) == {FIRST, SECOND}
    assert unpublished_before(home, SECOND) == FIRST
    home.catalogue.record(Entry(PUBLISHED, SECOND, 1, "hash", 1, "run", "fingerprint", {}, {}))
    assert recorded_weeks(home) == {SECOND}
    assert unpublished_before(home, THIRD) is None
    assert refresh.refresh_week(home, FIRST, None, Counter()) is False  # type: ignore[arg-type] - no run, so no instance
    assert "older than the first week that has a scorecard" in " ".join(capsys.readouterr().err.split())


def test_a_week_whose_export_came_late_is_missed(tmp_path: Path) -> None:
    for name, files, overdue in (("quiet", QUIET, ()), ("late", {"a.jsonl": [*QUIET["a.jsonl"], record("c2", at="2026-06-09T10:00:00Z")]}, (SECOND,))):
        home = make_home(tmp_path / name, files)
        for week in (FIRST, THIRD):
            home.catalogue.record(Entry(PUBLISHED, week, 1, "hash", 1, "run", "fingerprint", {}, {}))
        assert freshness(home).overdue == overdue


def test_refresh_passes_over_a_quiet_week_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = make_home(tmp_path, QUIET)
    assert refresh.refresh_week(home, SECOND, None, Counter()) is False  # type: ignore[arg-type] - no run, so no instance
    assert "week 2026-06-08  skipped: no trace record" in " ".join(capsys.readouterr().err.split(" "))


def test_the_schedule_asks_for_recorded_weeks_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEEVAL_HOME", str(make_home(tmp_path, QUIET).path))
    asked = list(automation.open_weeks())
    assert [r.partition_key for r in asked if isinstance(r, dg.RunRequest)] == [FIRST.isoformat(), THIRD.isoformat()]


def test_a_draw_from_nothing_is_nothing() -> None:
    assert draw(TABLES["samples/assigned"].empty(), TABLES["samples/anonymised"].empty(), 60, 4, 1, FIRST).num_rows == 0


def test_no_items_are_believed_only_where_nothing_was_answered(tmp_path: Path) -> None:
    (check,) = (c for c in samples_checks.ANONYMISED if c.name == "answered_are_kept")
    alone = record("c1", messages=[{"role": "user", "content": "anybody?"}])
    for name, rows, passes in (("1", [alone], True), ("2", [alone, record("c2")], False)):
        conversations = ingest_week(make_home(tmp_path / name, {"a.jsonl": rows})).conversations
        result = check.run({"traces/conversations": conversations, "samples/anonymised": TABLES["samples/anonymised"].empty()})
        assert (check.is_blocking, result.passed) == (True, passes)


@pytest.mark.parametrize(
    ("unit_week", "y", "listed", "passes"),
    [(FIRST, 1.0, "r1", False), (date(2026, 5, 25), 1.0, "r1", True), (FIRST, None, "r1", True), (FIRST, 1.0, "r2", True)],
    ids=["due", "served earlier", "no outcome yet", "not listed"],
)
def test_no_scores_are_believed_only_where_none_is_due(unit_week: date, y: float | None, listed: str, passes: bool) -> None:
    (check,) = (c for c in scorecards_checks.SCORES_CHECKS if c.name == "served_are_scored")
    row = {"week": FIRST, "population": "traffic", "release_id": "r1", "unit_id": "c", "unit_week": unit_week, "stratum_id": "s", "split": "", "weight": 1.0}
    units = TABLES["scorecards/item_scores"].rows([{**row, "cluster": "u", "y": y}])
    registry = filled("releases/registry", [{"release_id": listed}])
    result = check.run({"scorecards/item_scores": units, "scorecards/scores": TABLES["scorecards/scores"].empty(), "releases/registry": registry})
    assert (check.is_blocking, result.passed) == (True, passes)
