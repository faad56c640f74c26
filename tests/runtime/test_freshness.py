"""A stale or missing week reaches a webhook, and a fresh one does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from liveeval_assets.runtime import alerts
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import SettingsError
from liveeval_assets.tables import TABLES
from tests.scorecards.tables import filled

FIRST = date(2026, 6, 1)


def _home(path: Path, as_of: str, done: list[date]) -> Home:
    path.mkdir(parents=True, exist_ok=True)
    (path / "liveeval.yaml").write_text(f"product: Toy\nclock: {{first_week: 2026-06-01, as_of: {as_of}}}\n")
    home = Home(path)
    for version, week in enumerate(done, 1):
        home.catalogue.record(Entry(PUBLISHED, week, version, "hash", 1, "run", "fingerprint", {}, {}))
    home.catalogue.flush()
    return home


def _weeks(*numbers: int) -> list[date]:
    return [FIRST + timedelta(weeks=n) for n in numbers]


def test_all_due_weeks_there_is_fresh(tmp_path: Path) -> None:
    state = freshness(_home(tmp_path, "2026-06-22T12:00:00Z", _weeks(0, 1, 2)))
    assert not state.is_stale
    assert state.sentence.startswith("fresh")


def test_a_week_is_not_overdue_before_its_deadline(tmp_path: Path) -> None:
    done = _weeks(0, 1)
    assert not freshness(_home(tmp_path / "a", "2026-06-23T08:00:00Z", done)).is_stale
    late = freshness(_home(tmp_path / "b", "2026-06-23T10:00:00Z", done))
    assert late.overdue == tuple(_weeks(2))
    assert "2026-06-15" in late.sentence


def test_a_rerun_of_an_old_week_does_not_hide_a_missed_one(tmp_path: Path) -> None:
    state = freshness(_home(tmp_path, "2026-06-24T00:00:00Z", [*_weeks(0, 1), FIRST]))
    assert state.overdue == tuple(_weeks(2))


def test_a_quiet_week_is_not_missed_for_ever(tmp_path: Path) -> None:
    """Weeks run oldest first: one that was passed over before a newer scorecard held no record."""
    assert freshness(_home(tmp_path / "waiting", "2026-06-17T00:00:00Z", _weeks(0))).overdue == tuple(_weeks(1))
    assert not freshness(_home(tmp_path / "passed", "2026-06-24T00:00:00Z", _weeks(0, 2))).is_stale


def test_sources_that_are_gone_raise_the_alarm(tmp_path: Path) -> None:
    home = _home(tmp_path, "2026-06-24T00:00:00Z", _weeks(0, 1))
    with (tmp_path / "liveeval.yaml").open("a") as settings:
        settings.write("traces: {sources: [{name: chats, files: gone/*.jsonl, map: {fields: {id: id, started_at: at}}}]}\n")
    state = freshness(Home(home.path))
    assert state.overdue == tuple(_weeks(2))
    assert "no file matches gone/*.jsonl" in state.sentence
    assert state.sentence.startswith("STALE: 1 week(s) without a scorecard (2026-06-15)")


def test_the_age_is_that_of_the_newest_conversation(tmp_path: Path) -> None:
    home = _home(tmp_path, "2026-06-22T12:00:00Z", _weeks(0, 1, 2))
    assert freshness(home).age_days == pytest.approx(0.5)
    begun = datetime(2026, 6, 16, 12, tzinfo=UTC)
    rows = [{"started_at": begun - timedelta(hours=h), "conversation_id": f"c{h}", "week": _weeks(2)[0]} for h in range(3)]
    home.lake.write(TABLES["traces/conversations"], _weeks(2)[0], filled("traces/conversations", rows), {})
    assert freshness(home).age_days == pytest.approx(6.0)


@pytest.mark.parametrize("clock", ["", ", as_of: 2026-06-22T12:00:00Z"])
def test_the_badge_of_the_ui_is_there_unless_the_clock_is_fixed(tmp_path: Path, clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "liveeval.yaml").write_text(f"clock: {{first_week: 2026-06-01{clock}}}\n")
    monkeypatch.setenv("LIVEEVAL_HOME", str(tmp_path))
    found = alerts.with_policy([dg.AssetsDefinition(specs=[dg.AssetSpec("a")])])
    policies = [spec.freshness_policy for a in found for spec in a.specs]
    assert [p is not None for p in policies] == [not clock]


def test_old_content_is_stale_even_when_no_week_is_due(tmp_path: Path) -> None:
    home = _home(tmp_path, "2026-07-20T00:00:00Z", _weeks(0))
    text = (tmp_path / "liveeval.yaml").read_text().replace("first_week: 2026-06-01,", "first_week: 2026-06-01, last_week: 2026-06-01,")
    (tmp_path / "liveeval.yaml").write_text(text)
    home = Home(home.path)
    state = freshness(home)
    assert state.is_stale
    assert state.overdue == ()
    assert "days old" in state.sentence


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    received: list[dict[str, object]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(500 if self.path == "/broken" else 200)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LIVEEVAL_WEBHOOK", f"http://127.0.0.1:{server.server_port}/hook")
    yield received
    server.shutdown()
    server.server_close()


def _tick(home: Home, monkeypatch: pytest.MonkeyPatch, cursor: str | None) -> tuple[dg.SensorExecutionData, str | None]:
    monkeypatch.setattr(alerts, "open_home", lambda: home)
    with dg.build_sensor_context(cursor=cursor, definitions=dg.Definitions(jobs=[_publish])) as context:
        data = alerts.alert.evaluate_tick(context)
    return data, data.cursor


@dg.job(name="publish")
def _publish() -> None: ...


def test_a_missed_week_arrives_once_at_the_webhook(tmp_path: Path, webhook: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = _home(tmp_path / "fresh", "2026-06-22T12:00:00Z", _weeks(0, 1, 2))
    stale = _home(tmp_path / "stale", "2026-07-01T00:00:00Z", _weeks(0, 1))
    data, cursor = _tick(fresh, monkeypatch, None)
    assert (webhook, data.run_requests) == ([], [])
    data, cursor = _tick(stale, monkeypatch, cursor)
    assert webhook[0]["status"] == "STALE"
    assert webhook[0]["overdue_weeks"] == ["2026-06-15", "2026-06-22"]
    assert f"liveeval refresh --home {stale.path} --weeks 2026-06-15..2026-06-22" in str(webhook[0]["text"])
    assert len(data.run_requests or []) == 1
    _, cursor = _tick(stale, monkeypatch, cursor)
    assert len(webhook) == 1
    _tick(fresh, monkeypatch, cursor)
    assert webhook[1]["status"] == "FRESH"


def test_a_webhook_that_fails_is_told_without_its_address(tmp_path: Path, webhook: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    broken = os.environ["LIVEEVAL_WEBHOOK"].replace("/hook", "/broken")
    monkeypatch.setenv("LIVEEVAL_WEBHOOK", broken)
    stale = _home(tmp_path, "2026-07-01T00:00:00Z", _weeks(0))
    with pytest.raises(SettingsError, match="LIVEEVAL_WEBHOOK") as caught:
        alerts.send(stale, freshness(stale))
    assert broken not in str(caught.value)
    assert len(webhook) == 1


def test_the_check_fails_when_a_week_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "open_home", lambda: _home(tmp_path, "2026-07-01T00:00:00Z", _weeks(0)))
    result = alerts.is_fresh()
    assert isinstance(result, dg.AssetCheckResult)
    assert not result.passed
