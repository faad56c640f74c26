"""Each conversation's north-star outcome: observed, missing (the window is over and nothing came), or not yet mature."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.tables import TABLES

MATURED = TABLES["outcomes/matured"]
_DAY = timedelta(days=1)


def mature(conversations: pa.Table, events: pa.Table, *, week: date, now: datetime, window: timedelta) -> pa.Table:
    """One row per conversation of the week.

    An event after the window does not count; of several within it the last one does. An outcome observed while the
    window is open is kept, but the conversation is not mature before the window has passed: a later event may correct it.
    """
    latest: dict[str, dict[str, Any]] = {}
    north = [e for e in events.to_pylist() if e["role"] == "north_star"]
    ends = dict(zip(conversations["conversation_id"].to_pylist(), conversations["ended_at"].to_pylist(), strict=True))
    for event in sorted(north, key=lambda e: (e["occurred_at"], e["received_at"])):
        if event["occurred_at"] <= ends[event["conversation_id"]] + window:
            latest[event["conversation_id"]] = event
    rows = []
    for conversation, release in zip(conversations["conversation_id"].to_pylist(), conversations["release_id"].to_pylist(), strict=True):
        event = latest.get(conversation)
        matured_at = ends[conversation] + window
        is_mature = matured_at <= now
        rows.append(
            {
                "week": week,
                "conversation_id": conversation,
                "release_id": release,
                "status": "observed" if event else "missing" if is_mature else "unmatured",
                "is_mature": is_mature,
                "y": event["value"] if event else None,
                "matured_at": matured_at,
                "lag_days": max((event["occurred_at"] - ends[conversation]) / _DAY, 0.0) if event else None,
            }
        )
    return MATURED.rows(rows)
