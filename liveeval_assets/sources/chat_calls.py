"""Calls to tools: every shape in which a wire writes one becomes an id, a name and arguments."""

from __future__ import annotations

from typing import Any

from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.chat_message import ToolCall, first_of, json_text, some_text
from liveeval_assets.sources.json_text import Refused, parse_json

_NAMES = ("name", "toolName", "tool_name")
_IDS = ("call_id", "toolCallId", "tool_call_id", "id")
_ARGUMENTS = ("arguments", "args", "input", "parameters")
_PRINTED = {"id", "type", "index", "function"}


def call_of(item: Any) -> ToolCall | None:
    """The call in an object, or None if it is none.

    Shapes: `{id, function: {name, arguments}}` (OpenAI chat), `{call_id, name, arguments}` (OpenAI Responses),
    `{id, name, input}` (Anthropic), `{name, args}` (Gemini, LangChain), `{toolCallId, toolName, input}` (Vercel AI SDK),
    `{tool_call_id, tool_name, args}` (pydantic-ai), `{id, name, server_tool_call}` (OpenTelemetry).
    """
    if not isinstance(item, dict):
        return None
    inner = first_of(item, "function", "tool_call", "function_call", "functionCall")
    if not isinstance(inner, dict):
        inner = item
    name = some_text(first_of(inner, *_NAMES))
    if name is None:
        return None
    given = first_of(inner, *_ARGUMENTS, "server_tool_call")
    return ToolCall(call_id(item) or call_id(inner), name, json_text({} if given is None else given))


def call_id(item: dict[str, Any]) -> str | None:
    """The id by which an answer finds its call."""
    return some_text(first_of(item, *_IDS))


def calls_of(items: Any) -> tuple[ToolCall, ...]:
    """Calls of a list, or of an object that is one call."""
    listed = items if isinstance(items, list) else [items]
    return tuple(call for call in map(call_of, listed) if call is not None)


def message_calls(item: dict[str, Any]) -> tuple[ToolCall, ...]:
    """Calls that a message carries beside its content; a wire that writes them twice is read once."""
    extra = item.get("additional_kwargs")
    places = [item, extra if isinstance(extra, dict) else {}]
    for key in ("tool_calls", "toolCalls", "function_call"):
        for place in places:
            found = calls_of(place.get(key))
            if found:
                return found
    return ()


def printed_calls(text: str) -> tuple[ToolCall, ...]:
    """Calls of a text that is nothing but a JSON list of `{id, function: {name, arguments}}`; else none."""
    if not text.startswith("[{"):
        return ()
    try:
        listed = parse_json(text, Caps().max_depth)
    except Refused:
        return ()
    return calls_of(listed) if all(_is_printed(item) for item in listed) else ()


def _is_printed(item: Any) -> bool:
    function = item.get("function") if isinstance(item, dict) else None
    return isinstance(function, dict) and isinstance(item.get("id"), str) and set(item) <= _PRINTED and set(function) == {"name", "arguments"}
