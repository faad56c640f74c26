"""Sources of spans: documents are indexed by conversation, and only those that a conversation needs are read again and folded."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from liveeval_assets.settings import FileSource
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.records import Entry, Record, Spot
from liveeval_assets.sources.chat_message import Message
from liveeval_assets.sources.fold import Conversation, conversation_ids, conversations
from liveeval_assets.sources.langfuse import langfuse_spans
from liveeval_assets.sources.langsmith import langsmith_spans
from liveeval_assets.sources.otlp import otlp_spans
from liveeval_assets.sources.spans import Span

_NEVER = datetime.max.replace(tzinfo=UTC)
Place = tuple[str, int]


def _each(read: Callable[[dict[str, Any]], Iterator[Span]]) -> Callable[[Iterable[dict[str, Any]]], Iterator[Span]]:
    return lambda documents: (span for document in documents for span in read(document))


SPANS: Mapping[str, Callable[[Iterable[dict[str, Any]]], Iterator[Span]]] = {
    "otlp": otlp_spans,
    "langfuse": _each(langfuse_spans),
    "langsmith": langsmith_spans,
}
"""Readers by format: documents in, spans out."""


@dataclass(frozen=True)
class SpanIndex:
    """Where the conversations of a source are.

    Attributes:
        spots: one per conversation, and one per document that holds no span.
        places: file and line of every document that a conversation needs, by its id.
        traces: id of the conversation that each trace belongs to.
    """

    spots: Sequence[Spot]
    places: Mapping[str, Collection[Place]]
    traces: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Head:
    """What the index needs of a span."""

    trace_id: str
    session_id: str | None
    started_at: datetime | None
    document: Record


def index_spans(records: Iterable[Record], source: FileSource) -> SpanIndex:
    """The index of a source's documents; its memory grows with the number of spans, not with their text."""
    refused: list[Spot] = []
    heads: list[_Head] = []
    for record in records:
        # without its value, which is what takes room
        document = replace(record, value=None)
        own = [] if record.value is None else [_Head(s.trace_id, s.session_id, s.started_at, document) for s in SPANS[source.format]([record.value])]
        heads += own
        if not own:
            reason, at_fault = (record.reason, record.field) if record.value is None else ("missing_field", "spans")
            refused.append(Spot(source.name, record.file, record.line, record.n_bytes, record.digest, reason=reason, field=at_fault))
    traces = conversation_ids((h.trace_id, h.session_id, h.started_at) for h in heads)
    groups: dict[str, list[_Head]] = defaultdict(list)
    for head in heads:
        groups[traces[head.trace_id]].append(head)
    parts: dict[Place, int] = defaultdict(int)
    spots = [_spot(own_id, group, source, parts) for own_id, group in groups.items()]
    places = {own_id: frozenset((h.document.file, h.document.line) for h in group) for own_id, group in groups.items()}
    return SpanIndex(sorted([*refused, *spots], key=lambda s: s.place), places, traces)


def fold_entries(spots: Iterable[Spot], documents: Iterable[dict[str, Any]], source: FileSource) -> Iterator[Entry]:
    """The entries of the spots, in their order; the documents are those that their conversations need, or more."""
    folded = {c.id: c for c in conversations(SPANS[source.format](documents))}
    for spot in spots:
        yield Entry(spot, None if spot.id is None or spot.id not in folded else _fields(folded[spot.id], source))


def _spot(own_id: str, group: Sequence[_Head], source: FileSource, parts: dict[Place, int]) -> Spot:
    """A conversation stands where its first span does; documents that are equal count once."""
    first = min(group, key=lambda h: h.started_at or _NEVER)
    documents = {h.document.digest: h.document for h in group}
    place = (first.document.file, first.document.line)
    part, parts[place] = parts[place], parts[place] + 1
    n_bytes = sum(d.n_bytes for d in documents.values())
    return Spot(source.name, *place, n_bytes, digest(own_id, *sorted(documents)), own_id, first.started_at, part=part, n_records=len(group))


def _fields(found: Conversation, source: FileSource) -> dict[str, Any]:
    """A conversation under the names that field maps give; defaults where the spans say nothing."""
    told = {"id": found.id, "release": found.release, "user": found.user, "started_at": found.started_at, "ended_at": found.ended_at}
    return {**source.map.defaults, **{k: v for k, v in told.items() if v is not None}, "messages": [_message(m) for m in found.messages]}


def _message(message: Message) -> dict[str, Any]:
    calls = [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls]
    return {"role": message.role, "text": message.text, "tool_calls": json.dumps(calls, sort_keys=True, ensure_ascii=False) if calls else None, "at": None}
