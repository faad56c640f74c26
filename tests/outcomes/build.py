"""Outcome records and conversations by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.outcomes.events import Scale
from liveeval_assets.shared.ids import conversation_id
from liveeval_assets.shared.records import Entry, Spot
from liveeval_assets.tables import TABLES

WEEK = date(2026, 6, 1)
START = datetime(2026, 6, 2, 10, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = b"a key"
SCALES = {"resolution": Scale("north_star", 0, 1), "minutes": Scale("guardrail", 60, 0)}


def pseudonym(name: str) -> str:
    """conversation_id of a conversation of the source."""
    return conversation_id(KEY, "support", name)


def entry(
    name: str = "c1",
    value: Any = 1,
    at: datetime | None = START + HOUR,
    received: datetime | None = None,
    outcome: str = "resolution",
    line: int = 1,
) -> Entry:
    """An outcome record."""
    fields = {"id": name, "name": outcome, "value": value, "occurred_at": at, "received_at": received}
    return Entry(Spot("support", "o.jsonl", line, 50, f"{fields}", name, at), fields)


def conversations(*names: str, ended: datetime = START + HOUR) -> pa.Table:
    """traces/conversations with the columns that outcomes read."""
    rows = [
        {
            "week": WEEK,
            "conversation_id": pseudonym(n),
            "source": "support",
            "release_id": "r1",
            "user_key": n,
            "started_at": START,
            "ended_at": ended,
            "messages": [],
            "known_entities": [],
            "n_records": 1,
            "read_probability": 1.0,
            "attributes": "{}",
        }
        for n in names
    ]
    return TABLES["traces/conversations"].rows(rows)


def event(name: str = "c1", value: float = 1.0, at: datetime = START + HOUR, received: datetime | None = None, role: str = "north_star") -> dict[str, Any]:
    """A row of outcomes/events."""
    told = received or at
    return {"week": WEEK, "conversation_id": pseudonym(name), "name": role, "role": role, "value": value, "occurred_at": at, "received_at": told}


def events(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """outcomes/events."""
    return TABLES["outcomes/events"].rows(rows)
