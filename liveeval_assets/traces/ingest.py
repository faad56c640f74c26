"""From input records to conversations and quarantine: nothing disappears, nothing is guessed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.shared import ids
from liveeval_assets.shared.records import Dated
from liveeval_assets.tables import TABLES
from liveeval_assets.traces.conversation import Conversation, attributes_json, known_entities, parse

CONVERSATIONS = TABLES["traces/conversations"]
QUARANTINE = TABLES["traces/quarantine"]


@dataclass(frozen=True)
class Ingested:
    """Both tables of a week, and how many records were read for them."""

    conversations: pa.Table
    quarantine: pa.Table
    n_read: int

    @property
    def reasons(self) -> dict[str, int]:
        """Quarantined records by reason."""
        return dict(sorted(Counter(self.quarantine["reason"].to_pylist()).items()))


def repeats(rows: Sequence[Dated]) -> dict[tuple[str, int], str]:
    """Records whose id came before, over all files: (file, line) -> `duplicate` or `conflicting_id`.

    The first of equal records stays. If the content differs, none can be trusted: all of them are refused.
    """
    groups: dict[tuple[str, str], list[Dated]] = defaultdict(list)
    for row in rows:
        if row.fields is not None and row.at is not None and row.fields.get("id") is not None:
            groups[row.source, str(row.fields["id"])].append(row)
    found: dict[tuple[str, int], str] = {}
    for group in groups.values():
        if len(group) > 1:
            is_same = len({r.record.digest for r in group}) == 1
            for row in group[1:] if is_same else group:
                found[row.record.file, row.record.line] = "duplicate" if is_same else "conflicting_id"
    return found


def ingest(
    rows: Sequence[Dated],
    repeated: Mapping[tuple[str, int], str],
    *,
    week: Any,
    key: bytes,
    now: datetime,
    max_turns: int,
    skew: timedelta,
    read_probability: float,
) -> Ingested:
    """Conversations and quarantine of one week.

    Args:
        rows: the week's records.
        repeated: what `repeats` found.
        key: of the pseudonyms.
        now: the settings' clock.
        skew: how far a clock may run ahead.
    """
    kept: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for row in rows:
        place = (row.record.file, row.record.line)
        parsed = parse(row, max_turns=max_turns, now=now, skew=skew)
        if isinstance(parsed, Conversation) and place not in repeated:
            kept.append({"week": week, "read_probability": read_probability, **_conversation(row, parsed, key)})
            continue
        reason, field = parsed if isinstance(parsed, tuple) else (repeated[place], "id")
        refused.append({"week": week, "file": place[0], "line": place[1], "reason": reason, "field": field, "n_bytes": row.record.n_bytes})
    return Ingested(CONVERSATIONS.rows(kept), QUARANTINE.rows(refused), len(rows))


def _conversation(row: Dated, found: Conversation, key: bytes) -> dict[str, Any]:
    assert row.at is not None
    assert row.fields is not None
    ended = row.fields.get("ended_at")
    return {
        "conversation_id": ids.conversation_id(key, row.source, found.id),
        "source": row.source,
        "release_id": found.release,
        # a conversation without a user is a user of its own: clusters must not merge strangers
        "user_key": ids.user_key(key, row.source, found.user if found.user else f"conversation {found.id}"),
        "started_at": row.at,
        "ended_at": max(ended, row.at) if isinstance(ended, datetime) else row.at,
        "messages": [m.model_dump() for m in found.messages],
        "known_entities": known_entities(found.entities),
        "n_records": 1,
        "attributes": attributes_json(found),
    }
