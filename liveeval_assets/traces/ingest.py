"""From input records to conversations and quarantine: nothing disappears, nothing is guessed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared import ids
from liveeval_assets.shared.hashing import digest_json
from liveeval_assets.shared.records import Entry, Spot
from liveeval_assets.tables import TABLES
from liveeval_assets.traces.conversation import Conversation, attributes_json, known_entities, parse

CONVERSATIONS = TABLES["traces/conversations"]
QUARANTINE = TABLES["traces/quarantine"]


_OPTIONAL = ("user", "ended_at", "attributes", "entities")


@dataclass(frozen=True)
class Limits:
    """What decides whether a record is taken.

    Attributes:
        now: the settings' clock.
        skew: how far a clock may run ahead of it.
        max_turns: messages of a conversation.
    """

    now: datetime
    skew: timedelta
    max_turns: int


@dataclass(frozen=True)
class Ingested:
    """Both tables of a week."""

    conversations: pa.Table
    quarantine: pa.Table

    @property
    def reasons(self) -> dict[str, int]:
        """Quarantined records by reason."""
        return dict(sorted(Counter(self.quarantine["reason"].to_pylist()).items()))


def repeats(spots: Sequence[Spot]) -> dict[tuple[str, int, int], str]:
    """Records whose id came before, over all files: place -> `duplicate` or `conflicting_id`.

    The first of equal records stays. If the content differs, none can be trusted: all of them are refused.
    """
    groups: dict[tuple[str, str], list[Spot]] = defaultdict(list)
    for spot in spots:
        if spot.id is not None and spot.at is not None:
            groups[spot.source, spot.id].append(spot)
    found: dict[tuple[str, int, int], str] = {}
    for group in groups.values():
        if len(group) > 1:
            is_same = len({s.digest for s in group}) == 1
            for spot in group[1:] if is_same else group:
                found[spot.place] = "duplicate" if is_same else "conflicting_id"
    return found


def ingest(
    entries: Sequence[Entry], repeated: Mapping[tuple[str, int, int], str], *, week: date, key: bytes, limits: Limits, read_probability: float
) -> Ingested:
    """Conversations and quarantine of one week's records.

    Args:
        entries: the week's records.
        repeated: what `repeats` found.
        week: Monday.
        key: of the pseudonyms.
        limits: what decides whether a record is taken.
        read_probability: with which the source was read.
    """
    kept: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for entry in entries:
        spot = entry.spot
        parsed = parse(entry, max_turns=limits.max_turns, now=limits.now, skew=limits.skew)
        if isinstance(parsed, Conversation) and spot.place not in repeated:
            kept.append({"week": week, "read_probability": read_probability, **_conversation(entry, parsed, key)})
            continue
        reason, field = parsed if isinstance(parsed, tuple) else (repeated[spot.place], "id")
        where = {"week": week, "file": spot.file, "line": spot.line, "part": spot.part}
        refused.append({**where, "reason": reason, "field": field, "n_bytes": spot.n_bytes, "n_records": spot.n_records})
    return Ingested(CONVERSATIONS.rows(kept), QUARANTINE.rows(refused))


def never_found(entries: Sequence[Entry], maps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Optional fields that the settings map and no record of the week has: a wrong path would make every conversation a user of its own.

    Args:
        entries: the week's records.
        maps: field -> path by source.
    """
    found: list[str] = []
    for source, fields in sorted(maps.items()):
        read = [e.fields for e in entries if e.spot.source == source and e.fields is not None]
        missing = [name for name in _OPTIONAL if name in fields and read and not any(record.get(name) for record in read)]
        found += [f"{name} at '{fields[name]}' of source '{source}'" for name in missing]
    return found


def retained(stored: pa.Table, found: pa.Table, named: Collection[str]) -> pa.Table:
    """Conversations of a published week that the sources no longer name: logs rotate, published numbers do not.

    Args:
        stored: what the week holds.
        found: what the sources hold of it today.
        named: conversation_id of every record of the sources; what they name, they may change.
    """
    gone = stored.filter(pc.invert(pc.is_in(stored["conversation_id"], value_set=pa.array(sorted(named), pa.string()))))
    if not gone.num_rows:
        return gone
    # the same messages at the same moment under another name are the same conversation
    told = set(_stories(found))
    return gone.filter(pa.array([story not in told for story in _stories(gone)], pa.bool_()))


def _stories(rows: pa.Table) -> Iterator[str]:
    for at, messages in zip(rows["started_at"].to_pylist(), rows["messages"].to_pylist(), strict=True):
        yield digest_json([at.isoformat(), messages])


def _conversation(entry: Entry, found: Conversation, key: bytes) -> dict[str, Any]:
    started = entry.spot.at
    assert started is not None
    return {
        "conversation_id": ids.conversation_id(key, entry.spot.source, found.id),
        "source": entry.spot.source,
        "release_id": found.release,
        # a conversation without a user is a user of its own: clusters must not merge strangers
        "user_key": ids.user_key(key, entry.spot.source, found.user or f"conversation {found.id}"),
        "started_at": started,
        "ended_at": max(found.ended_at or started, started),
        "messages": [m.model_dump() for m in found.messages],
        "known_entities": known_entities(found.entities),
        "n_records": entry.spot.n_records,
        "attributes": attributes_json(found),
    }
