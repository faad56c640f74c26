"""Spans fold into conversations: one per session, else per trace, with every message once and in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from liveeval_assets.sources.chat_message import Message
from liveeval_assets.sources.spans import Span, unique_spans
from liveeval_assets.sources.thread import Entry, Thread
from liveeval_assets.sources.timeline import Moment, Timeline
from liveeval_assets.sources.tool_answers import with_answers

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a user had with the product.

    Attributes:
        id: the session's, else the trace's.
        release, user: of the earliest span that tells them.
        started_at, ended_at: UTC; of the first and the last of its spans.
    """

    id: str
    user: str | None
    release: str | None
    started_at: datetime | None
    ended_at: datetime | None
    messages: tuple[Message, ...]


def conversations(spans: Iterable[Span]) -> list[Conversation]:
    """Conversations of any number of traces, in the order in which their spans first appear."""
    every = list(spans)
    ids = conversation_ids((s.trace_id, s.session_id, s.started_at) for s in every)
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in every:
        groups[ids[span.trace_id]].append(span)
    return [replace(fold(members), id=own_id) for own_id, members in groups.items()]


def conversation_ids(spans: Iterable[tuple[str, str | None, datetime | None]]) -> dict[str, str]:
    """Conversation of each trace: the session that its earliest span with one names, else the trace itself.

    A session may be named after its first trace, which does not say so: both are one conversation.

    Args:
        spans: (trace id, session id, start).
    """
    found: dict[str, str] = {}
    since: dict[str, datetime] = {}
    for trace_id, session_id, started_at in spans:
        found.setdefault(trace_id, trace_id)
        at = started_at or _NEVER
        if session_id and (trace_id not in since or at < since[trace_id]):
            found[trace_id], since[trace_id] = session_id, at
    return found


def fold(spans: Sequence[Span]) -> Conversation:
    """One conversation of the spans of a session or a trace.

    Raises:
        ValueError: there is no span.
    """
    ordered = _by_start(unique_spans(spans))
    if not ordered:
        raise ValueError("a conversation needs at least one span")
    traces: dict[str, list[Span]] = defaultdict(list)
    for span in ordered:
        traces[span.trace_id].append(span)
    thread = Thread()
    for members in traces.values():
        _add_trace(thread, Timeline(members))
    tools = [tool for members in traces.values() for tool in Timeline(members).tools()]
    return Conversation(
        id=next((s.session_id for s in ordered if s.session_id), ordered[0].trace_id),
        user=next((s.user_id for s in ordered if s.user_id), None),
        release=next((s.release for s in ordered if s.release), None),
        started_at=min((s.started_at for s in ordered if s.started_at), default=None),
        ended_at=max((t for s in ordered if (t := s.ended_at or s.started_at)), default=None),
        messages=tuple(with_answers([entry.message for entry in thread.entries], tools)),
    )


def _add_trace(thread: Thread, timeline: Timeline) -> None:
    thread.begin_trace()
    root = timeline.root_text(is_output=False)
    heard: dict[str, Entry | None] = {}
    for moment in timeline.moments():
        _add_moment(thread, moment, heard, root)
    _add_root(thread, root, timeline.root_text(is_output=True))


def _add_moment(thread: Thread, moment: Moment, heard: dict[str, Entry | None], root: str | None) -> None:
    span = moment.span
    if moment.is_output:
        thread.speak(span.produced, heard.get(span.span_id), is_model=span.kind == "generation")
    # a model's prompt as one text may hold roles that nobody can tell apart: what the product itself was given goes before
    elif span.given and not (span.given_text is not None and root is not None):
        heard[span.span_id] = thread.hear(span.given)


def _add_root(thread: Thread, given: str | None, produced: str | None) -> None:
    """Where no model's call holds what the user said, or what was answered, the outermost span's plain text does."""
    said = thread.said
    if given is not None and not any(m.role == "user" for m in said):
        thread.put([Message("user", given)], next((i for i, m in enumerate(said) if m.role != "system"), len(said)))
    if produced is not None and not any(m.role == "assistant" for m in said):
        thread.put([Message("assistant", produced)], len(thread.said))


def _by_start(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: span.started_at or _NEVER)
