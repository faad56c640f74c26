"""Outcome records become events of the week's conversations, scaled so that 1 is good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from liveeval_assets.shared import ids
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Entry
from liveeval_assets.tables import TABLES

EVENTS = TABLES["outcomes/events"]
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Scale:
    """How an outcome is read: its role, and the values that mean worst (0) and best (1)."""

    role: str
    worst: float
    best: float

    def apply(self, value: Any, name: str, entry: Entry) -> float:
        """Value in 0-1.

        Raises:
            SourceError: the value is no number, or lies outside the outcome's range: the unit or the sign is wrong.
        """
        place = f"{entry.spot.file} line {entry.spot.line}"
        try:
            scaled = (float(value) - self.worst) / (self.best - self.worst)
        except (TypeError, ValueError, OverflowError):
            raise SourceError(f"outcomes/events: {place}: a value of '{name}' is no number; mend the export, or its path in the field map") from None
        if not 0 <= scaled <= 1:
            low, high = sorted((self.worst, self.best))
            raise SourceError(f"outcomes/events: {place}: a value of '{name}' lies outside {low:g}..{high:g}; mend `low`, `high` or the export's unit")
        return scaled


@dataclass(frozen=True)
class Events:
    """Events of a week, and how many records did not become one.

    Attributes:
        n_repeated: the same event once more.
        n_contradicted: same conversation, name and moment, another value; the one received last counts.
        n_other_names: outcomes that the settings do not name.
        n_not_yet: received after the clock, or without a moment.
    """

    table: pa.Table
    n_repeated: int
    n_contradicted: int
    n_other_names: int
    n_not_yet: int


UNREADABLE = ""
"""Stands in for the conversation of records that cannot be read or name none."""


def by_conversation(entries: Iterable[Entry], key: bytes) -> dict[str, list[Entry]]:
    """Records by conversation_id, the same pseudonym as the traces'; `UNREADABLE` collects the others."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        name = UNREADABLE
        if entry.fields is not None and entry.spot.id is not None:
            name = ids.conversation_id(key, entry.fields.get("source") or entry.spot.source, entry.spot.id)
        found.setdefault(name, []).append(entry)
    return found


def build_events(conversations: Iterable[str], records: Mapping[str, Sequence[Entry]], scales: Mapping[str, Scale], *, week: date, now: datetime) -> Events:
    """Events of the given conversations that are known by now; a record without a value is no event.

    Args:
        conversations: the week's conversation_ids.
        records: outcome records by conversation_id.
        scales: how to read each outcome, by name.
        week: Monday.
        now: the settings' clock.
    """
    rows: dict[tuple[str, str, datetime], dict[str, Any]] = {}
    n_repeated = n_contradicted = n_other = n_not_yet = 0
    for conversation in sorted(conversations):
        for entry in sorted(records.get(conversation, ()), key=_order):
            fields = entry.fields or {}
            name = str(fields.get("name"))
            if name not in scales:
                n_other += 1
                continue
            if fields.get("value") is None:
                continue
            value = scales[name].apply(fields["value"], name, entry)
            if entry.spot.at is None or received_at(entry) > now:
                n_not_yet += 1
                continue
            place = (conversation, name, entry.spot.at)
            if place in rows:
                n_repeated += rows[place]["value"] == value
                n_contradicted += rows[place]["value"] != value
            first_told = rows[place]["received_at"] if place in rows and rows[place]["value"] == value else received_at(entry)
            rows[place] = {
                "week": week,
                "conversation_id": conversation,
                "name": name,
                "role": scales[name].role,
                "value": value,
                "occurred_at": entry.spot.at,
                "received_at": first_told,
            }
    return Events(EVENTS.rows(list(rows.values())), n_repeated, n_contradicted, n_other, n_not_yet)


def retained(stored: pa.Table, records: Mapping[str, Sequence[Entry]]) -> pa.Table:
    """Events of a published week of whose conversation, name and moment no source says anything any more: exports rotate.

    What the sources still say of them, with a value or without, replaces what is stored.
    """
    told = {(c, str((e.fields or {}).get("name")), e.spot.at) for c in set(stored["conversation_id"].to_pylist()) for e in records.get(c, ())}
    places = zip(*(stored[name].to_pylist() for name in EVENTS.key), strict=True)
    return stored.filter(pa.array([place not in told for place in places], pa.bool_()))


def received_at(entry: Entry) -> datetime:
    """When it could first be known: as stated, but never before it happened; a record without a moment is never known."""
    stated, happened = (entry.fields or {}).get("received_at"), entry.spot.at or _NEVER
    return max(stated, happened) if isinstance(stated, datetime) else happened


def _order(entry: Entry) -> tuple[datetime, str]:
    """By arrival; the digest decides between equal times, so that the order of files does not."""
    return received_at(entry), entry.spot.digest
