"""Whether two messages, or two calls to tools, are one that was heard twice."""

from __future__ import annotations

from collections.abc import Sequence

from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.chat_message import Message, ToolCall
from liveeval_assets.sources.json_text import Refused, parse_json


def is_same(a: Message, b: Message) -> bool:
    """Whether two messages are one, heard twice: same role and words; ids and calls may be missing in one of them."""
    if a.role != b.role:
        return False
    if a.role == "tool":
        return _agree(a.tool_call_id, b.tool_call_id) and (a.text.strip() == b.text.strip() or _is_same_json(a.text, b.text))
    if a.tool_calls and b.tool_calls:
        are_named = all(call.id is not None for call in (*a.tool_calls, *b.tool_calls))
        return _same_calls(a.tool_calls, b.tool_calls) and (are_named or a.text.strip() == b.text.strip())
    return a.text.strip() == b.text.strip() and (bool(a.text.strip()) or not (a.tool_calls or b.tool_calls))


def is_same_call(a: ToolCall, b: ToolCall) -> bool:
    """Whether two calls are one: name and arguments, and the ids where both have one."""
    return a.name == b.name and _agree(a.id, b.id) and (a.arguments == b.arguments or _is_same_json(a.arguments, b.arguments))


def _same_calls(a: Sequence[ToolCall], b: Sequence[ToolCall]) -> bool:
    return len(a) == len(b) and all(is_same_call(x, y) for x, y in zip(a, b, strict=True))


def _agree(a: str | None, b: str | None) -> bool:
    return a is None or b is None or a == b


def _is_same_json(a: str, b: str) -> bool:
    """Whether two texts are the same JSON, apart from spaces and the order of keys."""
    if a[:1] not in "{[" or a[:1] != b[:1] or not a:
        return False
    try:
        return bool(parse_json(a, Caps().max_depth) == parse_json(b, Caps().max_depth))
    except Refused:
        return False
