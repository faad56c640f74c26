"""Logs rotate: what a published week holds stays when its source files are gone, and can still grow and be corrected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from liveeval_assets.outcomes.assets import events
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.factory import REGISTERED
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.tables import TABLES
from liveeval_assets.traces.assets import conversations
from tests.traces.build import FIRST, make_home, record

OUTCOMES = """
outcomes:
  sources:
    - name: support
      files: outcomes/*.jsonl
      map: {fields: {id: id, value: value, occurred_at: at}, defaults: {name: resolution}}
  north_star: {name: resolution, kind: resolution, direction: up, unit: share, window_days: 7}
"""


def _outcome(id_: str, value: int | None, at: str = "2026-06-03T10:00:00Z") -> dict[str, Any]:
    return {"id": id_, "value": value, "at": at}


def _write(home: Home, name: str, lines: list[dict[str, Any]]) -> None:
    (home.path / name).parent.mkdir(exist_ok=True)
    (home.path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))


def _run(home: Home) -> None:
    resources = {"home": HomeResource(path=str(home.path))}
    assert dg.materialize([conversations, events], partition_key=FIRST.isoformat(), resources=resources).success


def _texts(home: Home) -> list[str]:
    return sorted(r["messages"][0]["text"] for r in home.lake.read(TABLES["traces/conversations"], [FIRST]).to_pylist())


def _values(home: Home) -> list[float]:
    return sorted(home.lake.read(TABLES["outcomes/events"], [FIRST])["value"].to_pylist())


def _publish(home: Home) -> None:
    home.catalogue.record(Entry(PUBLISHED, FIRST, 1, "hash", 1, "run", "fingerprint", {}, {}))
    home.catalogue.flush()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two conversations in two files, with an outcome each in two others."""
    made = make_home(tmp_path, {"a.jsonl": [record("a", text="from a")], "b.jsonl": [record("b", text="from b")]})
    with (tmp_path / "liveeval.yaml").open("a") as settings:
        settings.write(OUTCOMES)
    _write(made, "outcomes/a.jsonl", [_outcome("a", 1)])
    _write(made, "outcomes/b.jsonl", [_outcome("b", 0)])
    home = open_home(made.path)
    _run(home)
    return home


def test_a_week_that_is_not_published_is_what_the_sources_hold(home: Home) -> None:
    (home.path / "source" / "a.jsonl").unlink()
    _run(home)
    assert _texts(home) == ["from b"]


def test_a_published_week_keeps_what_the_sources_forget(home: Home) -> None:
    _publish(home)
    before = [home.catalogue.get(p, FIRST) for p in ("traces/conversations", "outcomes/events")]
    (home.path / "source" / "a.jsonl").unlink()
    (home.path / "outcomes" / "a.jsonl").unlink()
    assert not REGISTERED["traces__conversations"].is_current(home, FIRST)
    _run(home)
    after = [home.catalogue.get(p, FIRST) for p in ("traces/conversations", "outcomes/events")]
    assert [e.content_hash for e in before if e] == [e.content_hash for e in after if e]
    assert (_texts(home), _values(home)) == (["from a", "from b"], [0.0, 1.0])
    # and is not run again for it
    assert REGISTERED["traces__conversations"].is_current(home, FIRST)


def test_a_published_week_still_grows_and_is_corrected(home: Home) -> None:
    _publish(home)
    (home.path / "source" / "a.jsonl").unlink()
    (home.path / "outcomes" / "a.jsonl").unlink()
    _write(home, "source/b.jsonl", [record("b", text="mended")])
    _write(home, "source/c.jsonl", [record("c", text="late")])
    _write(home, "outcomes/b.jsonl", [_outcome("b", None), _outcome("c", 1)])
    _run(home)
    assert _texts(home) == ["from a", "late", "mended"]
    # the outcome of b was taken back
    assert _values(home) == [1.0, 1.0]


def test_a_conversation_that_moved_or_was_renamed_is_not_there_twice(home: Home) -> None:
    _publish(home)
    _write(home, "source/a.jsonl", [record("a", at="2026-06-09T10:00:00Z", text="from a")])
    _write(home, "source/b.jsonl", [record("b of the new export", text="from b")])
    _run(home)
    assert _texts(home) == ["from b"]
    assert date(2026, 6, 8) not in home.catalogue.weeks("traces/conversations")
