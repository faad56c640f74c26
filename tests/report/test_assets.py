"""The page is written once, replaced atomically, and says STALE on latest.html alone."""

from pathlib import Path

import dagster as dg
import pytest

from liveeval_assets.report.assets import PAGE, page
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.resources import HomeResource
from tests.dbt.fixture_lake import WEEKS, make_home, write_week


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(make_home(tmp_path / "home").path)


def _run(home: Home, week: object) -> dict[str, object]:
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"home": HomeResource(path=str(home.path))}
        result = dg.materialize([page], partition_key=str(week), resources=resources, instance=instance)
        assert result.success
        return dict(result.asset_materializations_for_node("report__page")[0].metadata)


def test_writes_the_week_and_the_newest(home: Home) -> None:
    for week in WEEKS:
        assert not PAGE.is_current(home, week)
        metadata = _run(home, week)
        assert PAGE.is_current(home, week)
        assert "data:image/png;base64," in str(metadata["charts"])
    folder = home.marts / "report"
    assert sorted(p.name for p in folder.iterdir()) == ["2026-06-01.html", "2026-06-08.html", "latest.html"]
    assert (folder / "latest.html").read_text("utf-8") == (folder / "2026-06-08.html").read_text("utf-8")


def test_an_unchanged_week_is_not_written_again(home: Home) -> None:
    _run(home, WEEKS[1])
    path = home.marts / "report" / "latest.html"
    before = path.stat()
    assert "unchanged" in _run(home, WEEKS[1])
    assert path.stat().st_ino == before.st_ino


def test_a_changed_score_or_a_lost_file_is(home: Home) -> None:
    _run(home, WEEKS[1])
    write_week(home, WEEKS[1], lift=0.02)
    assert not PAGE.is_current(home, WEEKS[1])
    _run(home, WEEKS[1])
    assert PAGE.is_current(home, WEEKS[1])
    (home.marts / "report" / "latest.html").unlink()
    assert not PAGE.is_current(home, WEEKS[1])


def test_only_the_newest_page_says_stale(home: Home) -> None:
    _run(home, WEEKS[1])
    made = (home.marts / "report" / "2026-06-08.html").read_text("utf-8")
    settings = home.path / "liveeval.yaml"
    settings.write_text(settings.read_text("utf-8").replace("last_week: 2026-06-08", "last_week: 2026-06-15"), "utf-8")
    home.__dict__.pop("settings")
    assert not PAGE.is_current(home, WEEKS[1])
    _run(home, WEEKS[1])
    folder = home.marts / "report"
    assert 'class="status STALE"' in (folder / "latest.html").read_text("utf-8")
    assert "1 week(s) without a scorecard (2026-06-15)" in (folder / "latest.html").read_text("utf-8")
    assert (folder / "2026-06-08.html").read_text("utf-8") == made
    assert PAGE.is_current(home, WEEKS[1])
    assert PAGE.inputs(home, WEEKS[1])["notice"]


def test_a_week_that_was_newest_stays_current_when_the_next_arrives(home: Home) -> None:
    fresh = open_home(make_home(home.path.parent / "growing", weeks=WEEKS[:1]).path)
    _run(fresh, WEEKS[0])
    write_week(fresh, WEEKS[1])
    assert PAGE.is_current(fresh, WEEKS[0])
    assert not PAGE.is_current(fresh, WEEKS[1])
