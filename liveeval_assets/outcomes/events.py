"""Outcome records become events of the week's conversations, scaled so that 1 is good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from liveeval_assets.shared import ids
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Dated
from liveeval_assets.tables import TABLES

EVENTS = TABLES["outcomes/events"]
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Scale:
    """How an outcome is read: its role, and the values that mean worst (0) and best (1)."""

    role: str
    worst: float
    best: float

    def apply(self, value: Any, name: str, record: Dated) -> float:
        """Value in 0-1.

        Raises:
            SourceError: the value is no number or lies outside the outcome's range: the unit or the sign is wrong.
        """
        try:
            scaled = (float(value) - self.worst) / (self.best - self.worst)
        except (TypeError, ValueError):
            scaled = float("nan")
        if not 0 <= scaled <= 1:
            low, high = sorted((self.worst, self.best))
            place = f"{record.record.file} line {record.record.line}"
            raise SourceError(f"outcomes/events: {place}: a value of '{name}' lies outside {low:g}..{high:g}; mend `low`, `high` or the export's unit")
        return scaled


@dataclass(frozen=True)
class Events:
    """Events of a week, and what did not become one."""

    table: pa.Table
    n_repeated: int
    n_other_names: int


def by_conversation(records: Sequence[Dated], key: bytes) -> dict[str, list[Dated]]:
    """Readable records by conversation_id: the same pseudonym as the traces'."""
    found: dict[str, list[Dated]] = {}
    for record in records:
        if record.fields is not None and record.fields.get("id") is not None:
            name = ids.conversation_id(key, record.fields.get("source") or record.source, str(record.fields["id"]))
            found.setdefault(name, []).append(record)
    return found


def build_events(
    conversations: Sequence[str], records: Mapping[str, Sequence[Dated]], scales: Mapping[str, Scale], *, week: date, received_by: datetime
) -> Events:
    """Events of the given conversations that were known at `received_by`.

    A record without a value is no event. Of contradictory records of the same moment the one received last counts.
    """
    rows: dict[tuple[str, str, datetime], dict[str, Any]] = {}
    n_repeated = n_other = 0
    for conversation in sorted(conversations):
        for record in sorted(records.get(conversation, ()), key=_received):
            fields = record.fields or {}
            name = str(fields.get("name"))
            if name not in scales:
                n_other += 1
                continue
            if fields.get("value") is None or record.at is None or _received(record) > received_by:
                continue
            place = (conversation, name, record.at)
            n_repeated += place in rows
            rows[place] = {
                "week": week,
                "conversation_id": conversation,
                "name": name,
                "role": scales[name].role,
                "value": scales[name].apply(fields["value"], name, record),
                "occurred_at": record.at,
                "received_at": _received(record),
            }
    return Events(EVENTS.rows(list(rows.values())), n_repeated, n_other)


def _received(record: Dated) -> datetime:
    """When it could first be known: as stated, else when it happened; a record without a moment is never known."""
    stated = (record.fields or {}).get("received_at")
    return stated if isinstance(stated, datetime) else (record.at or _NEVER)
