"""Messages that OpenTelemetry wrote as events, in the span or in a log beside it, become attributes of the span.

Shapes: `gen_ai.user.message` and its kin, `gen_ai.choice` (content in attributes or in the body), `gen_ai.content.prompt`,
and `gen_ai.client.inference.operation.details`, whose attributes are a span's own. Source: semantic-conventions, gen-ai-events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from liveeval_assets.sources.chat import messages_of, unwrapped
from liveeval_assets.sources.chat_message import Message, Role

_SPOKEN: dict[str, Role] = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE = "gen_ai.choice"
_CONTENT = ("gen_ai.content.prompt", "gen_ai.content.completion")
_DETAILS = "gen_ai.client.inference.operation.details"


@dataclass(frozen=True, slots=True)
class Event:
    """One event, with what it says in its attributes and its body together."""

    name: str
    said: dict[str, Any]


def is_chat_event(name: str) -> bool:
    """Whether events of this name hold messages."""
    return name in _SPOKEN or name in (_CHOICE, _DETAILS, *_CONTENT)


def told_attributes(events: Iterable[Event]) -> dict[str, Any]:
    """Attributes that belong to the span although an event has them."""
    return {key: value for event in events if event.name in (_DETAILS, *_CONTENT) for key, value in event.said.items()}


def told_messages(events: Iterable[Event]) -> tuple[list[Message], list[Message]]:
    """(given, produced) in the order of the events."""
    given: list[Message] = []
    produced: list[Message] = []
    for event in events:
        if event.name in _SPOKEN:
            given += messages_of(_message(event.said, _SPOKEN[event.name]), _SPOKEN[event.name])
        elif event.name == _CHOICE:
            produced += messages_of(_message(event.said, "assistant"), "assistant")
    return given, produced


def _message(said: dict[str, Any], role: Role) -> dict[str, Any]:
    """The message of an event: around its content stand a role, an id of the answered call, and calls as JSON texts."""
    told = _value(said.get("gen_ai.event.content"))
    said = {**said, **told} if isinstance(told, dict) else said
    inner = _value(said.get("message"))
    if isinstance(inner, str):
        inner = {"content": inner}
    if isinstance(inner, dict):
        said = {**said, **inner}
    found = {"role": said.get("role") or role, "content": said.get("content", "")}
    calls = _value(said.get("tool_calls"))
    if calls:
        found["tool_calls"] = calls
    if role == "tool":
        found["tool_call_id"] = said.get("id", said.get("tool_call_id"))
    return found


def _value(value: Any) -> Any:
    return unwrapped(value) if isinstance(value, str) else value
