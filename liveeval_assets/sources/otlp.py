"""OTLP/JSON, as the Collector's file exporter writes it: documents of spans and of logs become spans with their chats.

Shapes: `{resourceSpans: [...]}` and `{resourceLogs: [...]}`, one object per line or one per file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from liveeval_assets.sources.chat_message import first_of, some_text
from liveeval_assets.sources.otel_chat import INPUTS, OUTPUTS, given_messages, produced_messages, tool_fields
from liveeval_assets.sources.otel_events import Event, is_chat_event, told_attributes, told_messages
from liveeval_assets.sources.otlp_values import any_value, attributes_of, field_of, nano_moment, own_id, scoped
from liveeval_assets.sources.spans import Kind, Span, plain_text, sides_of

_OPERATIONS: dict[str, Kind] = {
    "chat": "generation",
    "text_completion": "generation",
    "generate_content": "generation",
    "llm": "generation",
    "generation": "generation",
    "execute_tool": "tool",
    "tool": "tool",
    "invoke_agent": "agent",
    "agent": "agent",
    "ai.toolcall": "tool",
}
_KIND_KEYS = ("gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind", "llm.request.type", "langfuse.observation.type", "ai.operationId")
_MODELS = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.model.id")
_SESSIONS = ("gen_ai.conversation.id", "session.id", "langfuse.session.id", "traceloop.association.properties.session_id")
_USERS = ("user.id", "enduser.id", "langfuse.user.id", "traceloop.association.properties.user_id")
_RELEASES = ("langfuse.release", "service.version", "langfuse.version")
_Place = tuple[str, str]


def otlp_spans(documents: Iterable[dict[str, Any]]) -> Iterator[Span]:
    """Spans of all documents; an event of a log completes the span that it names, or stands for it where it is absent."""
    documents = list(documents)
    logged: dict[_Place, list[tuple[Event, datetime | None]]] = defaultdict(list)
    for document in documents:
        for told_of, event, at in _log_events(document):
            logged[told_of].append((event, at))
    for document in documents:
        for resource, item in scoped(document, "spans"):
            place = _place(item)
            if place is not None:
                told = [event for event, _ in logged.pop(place, [])]
                yield _span(place, resource, item, [*_span_events(item), *told])
    for alone, events in logged.items():
        times = [at for _, at in events if at is not None]
        yield _chat_span(alone, {}, [event for event, _ in events], started_at=min(times, default=None), ended_at=max(times, default=None))


def _place(item: dict[str, Any]) -> _Place | None:
    """Trace and span of a span or a log record; None where one is missing."""
    trace_id, span_id = own_id(field_of(item, "traceId"), 16), own_id(field_of(item, "spanId"), 8)
    return None if trace_id is None or span_id is None else (trace_id, span_id)


def _span(place: _Place, resource: dict[str, Any], item: dict[str, Any], events: list[Event]) -> Span:
    attributes = {**resource, **attributes_of(item.get("attributes"))}
    return _chat_span(
        place,
        attributes,
        events,
        parent_id=own_id(field_of(item, "parentSpanId"), 8),
        name=some_text(item.get("name")) or "",
        started_at=nano_moment(field_of(item, "startTimeUnixNano")),
        ended_at=nano_moment(field_of(item, "endTimeUnixNano")),
    )


def _chat_span(place: _Place, attributes: dict[str, Any], events: list[Event], **known: Any) -> Span:
    attributes = {**attributes, **told_attributes(events)}
    kind = _kind(attributes, has_events=bool(events))
    return Span(
        place[0],
        place[1],
        kind=kind,
        session_id=some_text(first_of(attributes, *_SESSIONS)),
        user_id=some_text(first_of(attributes, *_USERS)),
        release=some_text(first_of(attributes, *_RELEASES)),
        model=some_text(first_of(attributes, *_MODELS)),
        attributes=attributes,
        **known,
        **_sides(kind, attributes, events),
    )


def _sides(kind: Kind, attributes: dict[str, Any], events: list[Event]) -> dict[str, Any]:
    """Messages where attributes or events hold them, else what the span's input and output give."""
    if kind == "tool":
        return tool_fields(attributes)
    given, produced = told_messages(events)
    given = given_messages(attributes, is_model=kind == "generation") or given
    produced = produced_messages(attributes, is_model=kind == "generation") or produced
    sides = sides_of(kind, first_of(attributes, *INPUTS), first_of(attributes, *OUTPUTS))
    return sides | ({"given": tuple(given)} if given else {}) | ({"produced": tuple(produced)} if produced else {})


def _kind(attributes: dict[str, Any], *, has_events: bool) -> Kind:
    """What a span did: as its operation says, else a model's work where it names a model that was asked."""
    for key in _KIND_KEYS:
        name = plain_text(attributes.get(key))
        if name is not None and (key != "ai.operationId" or name.lower() in _OPERATIONS):
            return _OPERATIONS.get(name.lower(), "other")
    asked = first_of(attributes, "gen_ai.request.model", "ai.prompt.messages", "ai.prompt")
    return "generation" if has_events or asked is not None else "other"


def _span_events(item: dict[str, Any]) -> Iterator[Event]:
    listed = item.get("events")
    for event in listed if isinstance(listed, list) else []:
        if isinstance(event, dict) and isinstance(event.get("name"), str) and is_chat_event(event["name"]):
            yield Event(event["name"], attributes_of(event.get("attributes")))


def _log_events(document: dict[str, Any]) -> Iterator[tuple[_Place, Event, datetime | None]]:
    for _, record in scoped(document, "logs"):
        attributes = attributes_of(record.get("attributes"))
        name = some_text(field_of(record, "eventName")) or some_text(attributes.get("event.name"))
        place = _place(record)
        if name is None or place is None or not is_chat_event(name):
            continue
        body = any_value(record.get("body"))
        at = nano_moment(field_of(record, "timeUnixNano")) or nano_moment(field_of(record, "observedTimeUnixNano"))
        yield place, Event(name, {**attributes, **(body if isinstance(body, dict) else {})}), at
