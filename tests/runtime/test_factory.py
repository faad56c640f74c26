"""The factory: checks stand before the commit, unchanged work is skipped, published frames stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from liveeval_assets.cli import doctor
from liveeval_assets.cli.refresh import choose
from liveeval_assets.runtime import alerts, factory
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.freshness import Freshness
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.partitions import WEEKLY
from liveeval_assets.runtime.reads import Run
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.shared.checks import Check, CheckResult
from liveeval_assets.shared.errors import LakeError, SettingsError
from liveeval_assets.tables import TABLES
from tests.traces.build import make_home, record

WEEK = date(2026, 6, 1)
STALENESS = TABLES["eval_sets/staleness"]
SETTINGS = "clock: {first_week: 2026-06-01, last_week: 2026-06-08, as_of: 2026-07-01T00:00:00Z}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "liveeval.yaml").write_text(SETTINGS)
    monkeypatch.setattr(factory, "REGISTERED", {})
    return open_home(tmp_path)


def _staleness(ess: float) -> pa.Table:
    row = {"version": "frozen", "n_items": 10, "ess": ess, "ess_rate": ess / 10, "uncovered_share": 0.0, "js_distance": 0.0}
    return STALENESS.rows([{**row, "n_traffic": 5, "is_stale": False, "sentence": "ok", "week": WEEK}])


def _run(asset: dg.AssetsDefinition, home: Home) -> dg.ExecuteInProcessResult:
    resources = {"home": HomeResource(path=str(home.path))}
    return dg.materialize([asset], partition_key=WEEK.isoformat(), resources=resources, raise_on_error=False)


def _asset(body: Callable[[Run], pa.Table], checks: tuple[Check, ...] = (), writes: str = "eval_sets/staleness") -> dg.AssetsDefinition:
    return lake_asset(writes=writes, checks=checks)(body)


def test_a_week_is_written_once_and_skipped_when_nothing_changed(home: Home) -> None:
    bodies = []

    def body(run: Run) -> pa.Table:
        bodies.append(run.week)
        return _staleness(5.0)

    asset = _asset(body)
    assert _run(asset, home).success
    first = home.catalogue.get(STALENESS.path, WEEK)
    assert _run(asset, home).success
    assert bodies == [WEEK]
    assert home.catalogue.get(STALENESS.path, WEEK) == first
    assert home.lake.read(STALENESS, [WEEK]).num_rows == 1


def test_an_unchanged_week_reports_the_same_data_version(home: Home) -> None:
    asset = _asset(lambda run: _staleness(5.0))
    versions = []
    for _ in range(2):
        event = _run(asset, home).asset_materializations_for_node(factory.REGISTERED["eval_sets__staleness"].name)[0]
        versions.append(event.tags["dagster/data_version"])
    assert versions[0] == versions[1]


def test_same_content_makes_no_new_version(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = _asset(lambda run: _staleness(5.0))
    assert _run(asset, home).success
    monkeypatch.setattr(factory, "code_hash", lambda stage, **_: "another")
    assert not factory.REGISTERED["eval_sets__staleness"].is_current(home, WEEK)
    assert _run(asset, home).success
    assert home.lake.version(STALENESS) == 1
    assert factory.REGISTERED["eval_sets__staleness"].is_current(home, WEEK)


@pytest.mark.parametrize("fault", ["declared", "own"])
def test_a_failed_blocking_check_leaves_the_table_as_it_was(home: Home, fault: str) -> None:
    refuse = Check("refuse", STALENESS, lambda tables: CheckResult(False, {"n": 1}, "mend it"), "always fails")
    asset = _asset(lambda run: _staleness(11.0 if fault == "declared" else 5.0), checks=(refuse,) if fault == "own" else ())
    result = _run(asset, home)
    assert not result.success
    assert home.lake.version(STALENESS) == 0
    assert home.catalogue.get(STALENESS.path, WEEK) is None
    failed = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert [f.check_name for f in failed] == ["as_declared" if fault == "declared" else "refuse"]
    assert result.asset_materializations_for_node("eval_sets__staleness") == []


def test_a_warning_check_does_not_block(home: Home) -> None:
    warn = Check("warn", STALENESS, lambda tables: CheckResult(False, {"n": 1}, "look"), "warns", is_blocking=False)
    asset = _asset(lambda run: _staleness(5.0), checks=(warn,))
    # an unchanged week warns of what it still holds
    for _ in range(2):
        done = _run(asset, home)
        assert done.success
        told = {e.check_name: (e.passed, e.description) for e in done.get_asset_check_evaluations()}
        assert told == {"as_declared": (True, None), "warn": (False, "look")}
    assert home.lake.version(STALENESS) == 1
    home.catalogue.flush()
    assert Home(home.path).catalogue.get(STALENESS.path, WEEK).warnings == {"warn": "look"}


def test_a_frame_of_a_published_week_is_never_recomputed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = TABLES["eval_sets/manifests"]
    sizes = iter((1, 2, 3))

    def body(run: Run) -> pa.Table:
        row = {"version": "frozen", "role": "frozen", "content_hash": "h", "parent": None, "n_items": next(sizes), "n_sealed": 0, "added": 0, "removed": 0}
        return manifests.rows([{**row, "tags": [], "past_scores": None, "week": run.week}])

    asset = _asset(body, writes=manifests.path)
    assert _run(asset, home).success
    monkeypatch.setattr(factory, "code_hash", lambda stage, **_: "edited before publication")
    assert _run(asset, home).success
    scores = TABLES["scorecards/scores"]
    score = lake_asset(writes=scores.path)(lambda run: _one_score(scores.path, run.week))
    assert _run(score, home).success
    monkeypatch.setattr(factory, "code_hash", lambda stage, **_: "edited after publication")
    assert _run(asset, home).success
    assert home.lake.read(manifests, [WEEK])["n_items"].to_pylist() == [2]


def _one_score(path: str, week: date) -> pa.Table:
    row = {"release_id": "r1", "stratum_id": "ALL", "population": "frozen", "measure": "naive", "estimate": 0.5, "n": 1, "n_labels": 0, "method": "mean"}
    return TABLES[path].rows([{**row, "failed_assumptions": [], "is_headline": False, "status": "FINAL", "inputs": [], "week": week}])


def test_a_week_waits_for_the_weeks_that_it_builds_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(tmp_path, {"a.jsonl": [record("c0", at="2026-06-02T10:00:00Z"), record("c1", at="2026-06-09T10:00:00Z")]})
    monkeypatch.setattr(factory, "REGISTERED", {})
    home, asset = open_home(tmp_path), _asset(lambda run: STALENESS.empty())
    second = dg.materialize([asset], partition_key="2026-06-08", resources={"home": HomeResource(path=str(home.path))}, raise_on_error=False)
    assert not second.success
    (failure,) = (e for e in second.all_events if e.is_step_failure)
    assert "week 2026-06-01 has records and no scorecard" in str(failure.step_failure_data.user_failure_data.description)
    assert home.catalogue.get(STALENESS.path, date(2026, 6, 8)) is None
    with pytest.raises(SettingsError, match=r"begin with --weeks 2026-06-01\.\.2026-06-08"):
        choose(home, "2026-06-08")


def test_the_freshness_check_of_a_run_does_not_forget_what_the_run_has_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "open_home", lambda: home)
    entry = Entry(STALENESS.path, WEEK, 0, "hash", 1, "run", "new fingerprint", {}, {})
    home.catalogue.record(entry)
    alerts.is_fresh()
    home.catalogue.flush()
    assert Home(home.path).catalogue.get(STALENESS.path, WEEK) == entry


def test_a_damaged_partition_is_found_and_restored_or_rebuilt(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asset = _asset(lambda run: _staleness(5.0))
    # doctor declares the real assets
    declared = factory.REGISTERED["eval_sets__staleness"]
    assert _run(asset, home).success
    monkeypatch.setattr(doctor, "run_init", lambda: home)
    monkeypatch.setattr(doctor, "freshness", lambda home: Freshness("liveeval refresh", datetime(2026, 7, 1, tzinfo=UTC), WEEK, (), 1.0, is_stale=False))
    assert doctor.run_doctor() == 0
    # somebody else wrote over it: the version that was written still holds it
    home.lake.write(STALENESS, WEEK, _staleness(6.0), {})
    assert doctor.run_doctor() == doctor.FINDING
    assert "RESTORED eval_sets/staleness week 2026-06-01" in capsys.readouterr().out
    assert home.lake.read(STALENESS, [WEEK])["ess"].to_pylist() == [5.0]
    assert declared.is_current(home, WEEK)
    assert doctor.run_doctor() == 0
    # its files are gone
    for file in Path(home.lake.uri(STALENESS)).rglob("*.parquet"):
        file.unlink()
    with pytest.raises(LakeError, match="eval_sets/staleness"):
        home.lake.read(STALENESS, [WEEK])
    assert doctor.run_doctor() == doctor.FINDING
    assert "DAMAGED  eval_sets/staleness week 2026-06-01" in capsys.readouterr().out
    assert not declared.is_current(home, WEEK)
    assert _run(asset, home).success
    assert home.lake.read(STALENESS, [WEEK])["ess"].to_pylist() == [5.0]
    assert doctor.run_doctor() == 0


def test_a_damaged_input_outside_the_declared_ones_makes_a_week_stale(home: Home) -> None:
    def unreadable(home: Home, week: date) -> str:
        raise LakeError("gone")

    asset = lake_asset(writes=STALENESS.path)(lambda run: _staleness(5.0))
    assert _run(asset, home).success
    lake_asset(writes=STALENESS.path, source=unreadable)(lambda run: _staleness(5.0))
    assert not factory.REGISTERED["eval_sets__staleness"].is_current(home, WEEK)


def test_a_week_before_the_home_began_is_refused(home: Home) -> None:
    home.catalogue.record(Entry(PUBLISHED, date(2026, 6, 8), 1, "hash", 1, "run", "fingerprint", {}, {}))
    home.catalogue.flush()
    done = _run(_asset(lambda run: _staleness(5.0)), home)
    (failure,) = (e for e in done.all_events if e.is_step_failure)
    assert "the home begins with week 2026-06-08" in str(failure.step_failure_data.user_failure_data.description)


def test_reading_an_undeclared_table_is_an_error(home: Home) -> None:
    def body(run: Run) -> pa.Table:
        run.read("traces/conversations")
        return _staleness(5.0)

    assert not _run(_asset(body), home).success


def test_weeks_of_the_module_are_mondays() -> None:
    assert all(date.fromisoformat(k).weekday() == 0 for k in WEEKLY.get_partition_keys())


def test_a_crash_between_commit_and_catalogue_is_mended(home: Home) -> None:
    assert _run(_asset(lambda run: _staleness(5.0)), home).success
    home.catalogue._pending.clear()
    fresh = Home(home.path)
    entry = fresh.catalogue.get(STALENESS.path, WEEK)
    assert entry is not None
    assert entry.n_rows == 1


def _anonymised(n: int) -> pa.Table:
    """n items."""
    row = {"week": WEEK, "release_id": "r1", "user_key": "u", "started_at": datetime(2026, 6, 2, tzinfo=UTC), "turn_index": 0, "turn_probability": 1.0}
    text = {"history": [], "question": "?", "answer": "!", "detector_profile": "none", "n_masked": 0, "n_characters": 2}
    rows = [{**row, **text, "conversation_id": str(k), "item_id": str(k), "read_probability": 1.0, "phase1_probability": 1.0} for k in range(n)]
    return TABLES["samples/anonymised"].rows(rows)


@pytest.mark.parametrize(("n_given", "succeeds"), [(0, True), (2, False)])
def test_a_table_that_needs_rows_may_be_empty_only_if_what_it_is_made_of_is(home: Home, n_given: int, succeeds: bool) -> None:
    given, made = TABLES["samples/anonymised"], TABLES["samples/embedded"]
    assert given.may_be_empty
    assert not made.may_be_empty
    source = lake_asset(writes=given.path)(lambda run: _anonymised(n_given))
    lost = lake_asset(writes=made.path, reads=(given.path, "traces/conversations"))(lambda run: made.empty())
    assert _run(source, home).success
    assert _run(lost, home).success == succeeds


def test_a_table_made_of_files_is_never_empty(home: Home) -> None:
    conversations = TABLES["traces/conversations"]
    assert not _run(lake_asset(writes=conversations.path)(lambda run: conversations.empty()), home).success
