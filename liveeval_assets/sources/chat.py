"""Whatever an observation holds as input or output becomes a list of messages; shapes are told by their structure alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.chat_message import Message, Role, first_of, some_text
from liveeval_assets.sources.chat_objects import bare_message, is_message, read_message, speak
from liveeval_assets.sources.chat_parts import is_part, text_of
from liveeval_assets.sources.json_text import Refused, parse_json

_MOST_NESTED = 8
_LISTS = ("messages", "contents", "choices", "candidates", "generations", "output", "input", "response")
_SAID = {"prompt": "user", "prompts": "user", "completion": "assistant"}


def messages_of(value: Any, default_role: Role | None) -> list[Message]:
    """Messages of a value in order.

    Shapes: plain text; JSON as a text, also inside JSON; a message or a list of them; an object that holds them under
    `messages`, `prompt`, `contents`, `choices`, `candidates`, `output`, `generations`; items, parts and blocks of the
    OpenAI, Anthropic, Gemini, LangChain, Vercel AI SDK, pydantic-ai and OpenTelemetry wires. Anything else is no message.

    Args:
        default_role: who speaks where the value does not say. None: only what says who speaks is a message.
    """
    return _read(value, default_role, 0)


def unwrapped(text: str) -> Any:
    """The value of a JSON text, also of one inside JSON; the text itself where it is none that can be trusted."""
    found: Any = text
    for _ in range(_MOST_NESTED):
        if not isinstance(found, str) or not found.lstrip().startswith(("{", "[", '"')):
            break
        try:
            found = parse_json(found, Caps().max_depth)
        except Refused:
            break
    return found


def _read(value: Any, default: Role | None, depth: int) -> list[Message]:
    if depth > _MOST_NESTED:
        return []
    if isinstance(value, str):
        return _read_text(value, default, depth)
    if isinstance(value, list):
        return _read_list(value, default, depth)
    return _read_object(value, default, depth) if isinstance(value, dict) else []


def _read_text(text: str, default: Role | None, depth: int) -> list[Message]:
    """A text that holds messages as JSON is those; else it is what somebody said, as it stands."""
    inner = unwrapped(text)
    found = [] if isinstance(inner, str) else _read(inner, default, depth + 1)
    if found or default is None or not text:
        return found
    return [Message(default, inner if isinstance(inner, str) else text)]


def _read_list(items: list[Any], default: Role | None, depth: int) -> list[Message]:
    if items and all(is_part(item) and not is_message(item) for item in items):
        return [] if default is None else speak(items, default)
    found: list[Message] = []
    for item in items:
        if isinstance(item, dict) and is_message(item):
            called = {call.name for message in found for call in message.tool_calls}
            found += read_message(item, default, called)
        elif isinstance(item, dict | list):
            found += _read(item, default, depth + 1)
    return found


def _read_object(item: dict[str, Any], default: Role | None, depth: int) -> list[Message]:
    if is_message(item):
        return read_message(item, default)
    if is_part(item):
        return [] if default is None else speak([item], default)
    found = list(_held(item, default, depth))
    if found:
        return _instructions(item) + found
    return _spoken(item, default)


def _held(item: dict[str, Any], default: Role | None, depth: int) -> Iterator[Message]:
    """Messages under the first key that holds some."""
    for key in (*_LISTS, *_SAID):
        held = item.get(key)
        role: Role | None = "user" if _SAID.get(key) == "user" else "assistant" if key in _SAID else default
        lines = held if isinstance(held, list) and all(isinstance(line, str) for line in held) else None
        if key == "messages" and lines is not None:
            continue
        found = [m for line in lines or () for m in _read(line, role, depth + 1)] if lines is not None else _read(held, role, depth + 1)
        if found:
            yield from found
            return


def _instructions(item: dict[str, Any]) -> list[Message]:
    """What the model was told beside the messages; an answer that repeats it does not tell it again."""
    config = item.get("config")
    places = [item, config if isinstance(config, dict) else {}]
    keys = ("system", "system_instruction", "systemInstruction", *(("instructions",) if "output" not in item else ()))
    given = next((value for place in places if (value := first_of(place, *keys)) is not None), None)
    if isinstance(given, dict) and isinstance(given.get("parts"), list):
        given = given["parts"]
    text = text_of(given)
    return [Message("system", text)] if text else []


def _spoken(item: dict[str, Any], default: Role | None) -> list[Message]:
    """An object with a content and no role: what was produced is by whom it was asked of; what was given could be anybody's."""
    bare = bare_message(item)
    content = first_of(bare, "content", "parts", "text")
    if default is None or content is None or "role" in bare:
        return []
    if isinstance(content, list):
        return speak(content, default) if content and all(is_part(part) for part in content) else []
    if default == "user" or not some_text(content):
        return []
    return read_message({**bare, "role": default}, default)
