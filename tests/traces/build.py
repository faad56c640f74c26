"""Homes with hand-written records: the real way in, from files to both tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import trace_entries, trace_index
from liveeval_assets.traces.ingest import Ingested, Limits, ingest, repeats

FIRST = date(2026, 6, 1)
SECOND = FIRST + timedelta(weeks=1)
NOW = datetime(2026, 6, 22, tzinfo=UTC)
LIMITS = Limits(NOW, timedelta(minutes=5), 400)
KEY = b"a key"
SETTINGS = """
clock: {first_week: 2026-06-01, last_week: 2026-06-15, as_of: 2026-06-22T00:00:00Z}
traces:
  sources:
    - name: support
      files: source/*.jsonl*
      map: {fields: {id: id, release: release, user: user, started_at: at, ended_at: ended, messages: messages, attributes: more, entities: customer}}
"""
Line = Mapping[str, Any] | bytes


def record(id_: str | int | None, at: str | None = "2026-06-02T10:00:00Z", text: str = "how?", **more: Any) -> dict[str, Any]:
    """A well-formed record, unless told otherwise."""
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": "so"}]
    return {"id": id_, "at": at, "release": "r1", "user": f"u{id_}", "messages": messages, **more}


def make_home(path: Path, files: Mapping[str, Sequence[Line]]) -> Home:
    """A home whose trace files hold these lines."""
    (path / "source").mkdir(parents=True, exist_ok=True)
    (path / "liveeval.yaml").write_text(SETTINGS)
    for name, lines in files.items():
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (path / "source" / name).write_bytes(b"".join(line + b"\n" for line in raw))
    return Home(path)


def ingest_week(home: Home, week: date = FIRST, key: bytes = KEY) -> Ingested:
    """Both tables of a week."""
    index = trace_index(home, repeats)
    entries = trace_entries(home, index.weeks.get(week, ()))
    return ingest(entries, index.marks, week=week, key=key, limits=LIMITS, read_probability=1.0)


def n_read(home: Home, week: date) -> int:
    """Records of a week."""
    return len(trace_index(home, repeats).weeks.get(week, ()))


def reasons(found: Ingested) -> dict[tuple[str, int], tuple[str, str | None]]:
    """Quarantine by file and line."""
    return {(r["file"].removeprefix("source/"), r["line"]): (r["reason"], r["field"]) for r in found.quarantine.to_pylist()}
