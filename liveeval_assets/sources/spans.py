"""A span of work as any vendor's trace holds it, and the times and texts that its readers share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from liveeval_assets.sources.chat import messages_of, unwrapped
from liveeval_assets.sources.chat_message import Message, json_text, some_text

Kind = Literal["generation", "tool", "agent", "other"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MICROSECONDS = 253_000_000_000_000_000
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Span:
    """One span.

    Attributes:
        session_id: the conversation that it belongs to; None where the trace is one of its own.
        kind: generation is a model's answer; tool a tool's; agent a run of one or many of both.
        started_at, ended_at: UTC; None where the vendor gives none that can be trusted.
        release: release, else version, of the product.
        given, produced: messages of input and output. Of spans that are no generation only those that say who speaks.
        given_text, produced_text: input and output where they are plain text; who said it is known of a generation's output alone.
        tool_arguments, tool_result: as text, JSON where they are structured.
        attributes: whatever else the vendor keeps under names of its own.
    """

    trace_id: str
    span_id: str
    parent_id: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    name: str = ""
    kind: Kind = "other"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    release: str | None = None
    model: str | None = None
    given: tuple[Message, ...] = ()
    produced: tuple[Message, ...] = ()
    given_text: str | None = None
    produced_text: str | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None
    tool_arguments: str | None = None
    tool_result: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


def sides_of(kind: Kind, given: Any, produced: Any) -> dict[str, Any]:
    """Fields of a span that its input and output give, each by what the kind of span lets be known of its speakers."""
    if kind == "generation":
        sides = {"given": tuple(messages_of(given, "user")), "produced": tuple(messages_of(produced, "assistant"))}
        return sides | {"given_text": plain_text(given), "produced_text": plain_text(produced)}
    fields: dict[str, Any] = {"given": tuple(messages_of(given, None)), "produced": tuple(messages_of(produced, None))}
    if kind == "tool":
        return {"tool_arguments": as_text(given), "tool_result": _result_text(produced)}
    return fields | {"given_text": plain_text(given), "produced_text": plain_text(produced)}


def plain_text(value: Any) -> str | None:
    """A text that is no JSON object or list; None for anything else."""
    inner = unwrapped(value) if isinstance(value, str) else value
    return some_text(inner)


def as_text(value: Any) -> str | None:
    """A value as text, JSON where it is structured; None where there is none."""
    return None if value is None else json_text(value)


def _result_text(value: Any) -> str | None:
    """What a tool gave back: the text of its message where it wrote one, else the value as text."""
    messages = messages_of(value, "tool") if isinstance(unwrapped(value) if isinstance(value, str) else value, dict | list) else []
    return messages[0].text if len(messages) == 1 else as_text(value)


def utc_moment(value: Any, zone: timedelta | None = None) -> datetime | None:
    """The UTC moment of an ISO 8601 text.

    Args:
        zone: offset from UTC of a text without one, where the vendor defines it; None takes no such text.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        return None if zone is None else found.replace(tzinfo=UTC) - zone
    except (ValueError, OverflowError):
        return None


def epoch_moment(value: Any, per_second: int) -> datetime | None:
    """The UTC moment of a count since 1970, given how many units a second has; whole numbers stay whole."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    microseconds = value * 1_000_000 // per_second
    return _EPOCH + timedelta(microseconds=microseconds) if microseconds < _MOST_MICROSECONDS else None


def unique_spans(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, each once: of two with the same ids the last one counts, as exporters send a span again when it is complete."""
    found: dict[tuple[str, str], Span] = {}
    for span in spans:
        found[span.trace_id, span.span_id] = span
    return list(found.values())
