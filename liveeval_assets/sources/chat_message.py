"""What a chat is made of, whatever product wrote it: messages in four roles, and the calls to tools that an assistant makes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}
_SUFFIXES = ("messagechunk", "message")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that an assistant asked for.

    Attributes:
        id: as the wire has it; None where it has none. It need not be unique: some wires repeat the tool's name.
        arguments: JSON text, as written where the wire holds a text, else compact.
    """

    id: str | None
    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        text: parts joined by line breaks; a part that is no text leaves a mark such as `[image]`.
        tool_call_id: in role tool, the call that it answers; None where the wire does not say.
    """

    role: Role
    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


def role_of(name: Any) -> Role | None:
    """The role that a wire's name means, also `HumanMessage` and `AIMessageChunk`; None if it is none of the four."""
    if not isinstance(name, str):
        return None
    lowered = name.lower()
    for suffix in _SUFFIXES:
        lowered = lowered.removesuffix(suffix)
    return _ROLES.get(lowered)


def some_text(value: Any) -> str | None:
    """The value if it is a text that is not empty."""
    return value if isinstance(value, str) and value else None


def json_text(value: Any) -> str:
    """A value as text: a text as it is, anything else as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def first_of(item: dict[str, Any], *keys: str) -> Any:
    """The first of the keys that has a value."""
    return next((item[key] for key in keys if item.get(key) is not None), None)
