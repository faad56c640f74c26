"""Each conversation's north-star outcome: observed, missing (the window is over and nothing came), or not yet mature."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.tables import TABLES

MATURED = TABLES["outcomes/matured"]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Matured:
    """The table, and the conversations whose events contradicted each other."""

    table: pa.Table
    n_contradicted: int


def mature(conversations: pa.Table, events: pa.Table, *, week: date, now: datetime, window: timedelta) -> Matured:
    """One row per conversation of the week.

    An event before the conversation or after its window does not count; of several the one received last does. An
    outcome observed while the window is open is kept, but the conversation is not mature before the window has passed:
    a later event may correct it.

    Args:
        conversations: conversation_id, release_id, started_at, ended_at.
        events: outcomes/events of the same week.
        week: Monday.
        now: the settings' clock.
        window: from the end of a conversation.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events.to_pylist():
        if event["role"] == "north_star":
            found[event["conversation_id"]].append(event)
    rows, n_contradicted = [], 0
    for talk in conversations.select(["conversation_id", "release_id", "started_at", "ended_at"]).to_pylist():
        matured_at = talk["ended_at"] + window
        counted = [e for e in found[talk["conversation_id"]] if talk["started_at"] <= e["occurred_at"] <= matured_at]
        last = max(counted, key=lambda e: (e["received_at"], e["occurred_at"]), default=None)
        n_contradicted += len({e["value"] for e in counted}) > 1
        rows.append(
            {
                "week": week,
                "conversation_id": talk["conversation_id"],
                "release_id": talk["release_id"],
                "status": "observed" if last else "missing" if matured_at <= now else "unmatured",
                "is_mature": matured_at <= now,
                "y": last["value"] if last else None,
                "matured_at": matured_at,
                "lag_days": max((last["occurred_at"] - talk["ended_at"]) / _DAY, 0.0) if last else None,
            }
        )
    return Matured(MATURED.rows(rows), n_contradicted)
