"""A build does what changed since the last publication, and nothing else."""

from pathlib import Path

import pytest

from liveeval_assets.runtime import dbt
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.publish import FILE, PRIVATE
from tests.dbt.fixture_lake import WEEKS, make_home, write_week


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = make_home(tmp_path / "home")
    (home.marts / PRIVATE).mkdir(parents=True)
    for name in (FILE, f"{PRIVATE}/{FILE}", *(f"{m}.parquet" for m in dbt.marts())):
        (home.marts / name).touch()
    return home


def test_a_first_build_takes_every_week(home: Home) -> None:
    plan = dbt.plan(home)
    assert (plan.weeks, plan.is_full) == (WEEKS, True)
    assert "--full-refresh" in plan.arguments(home)


def test_nothing_to_do_after_a_publication(home: Home) -> None:
    dbt.record(home, dbt.plan(home))
    assert not dbt.needs_build(home)


def test_rewriting_the_same_content_is_no_change(home: Home) -> None:
    dbt.record(home, dbt.plan(home))
    write_week(home, WEEKS[1])
    assert not dbt.needs_build(home)


def test_a_changed_week_is_built_alone(home: Home) -> None:
    dbt.record(home, dbt.plan(home))
    write_week(home, WEEKS[1], lift=0.01)
    plan = dbt.plan(home)
    assert (plan.weeks, plan.is_full) == ((WEEKS[1],), False)
    assert plan.arguments(home)[0] == "--vars"


def test_an_overdue_successor_rebuilds_the_newest_week(tmp_path: Path, home: Home) -> None:
    dbt.record(home, dbt.plan(home))
    settings = (home.path / "liveeval.yaml").read_text("utf-8").replace("last_week: 2026-06-08", "last_week: 2026-06-15")
    (home.path / "liveeval.yaml").write_text(settings, "utf-8")
    plan = dbt.plan(Home(home.path))
    assert plan.weeks == plan.stale_weeks == (WEEKS[1],)


def test_a_lost_file_is_a_full_build(home: Home) -> None:
    dbt.record(home, dbt.plan(home))
    (home.marts / "fct_gap.parquet").unlink()
    assert dbt.plan(home).is_full


def test_a_changed_project_is_a_full_build(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    dbt.record(home, dbt.plan(home))
    monkeypatch.setattr(dbt, "project_hash", lambda: "another")
    assert dbt.plan(home).weeks == WEEKS


def test_a_lake_without_scorecards_needs_no_build(tmp_path: Path) -> None:
    assert not dbt.needs_build(make_home(tmp_path / "empty", weeks=()))
