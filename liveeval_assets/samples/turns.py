"""Which turn of a conversation stands for it, and what was answered to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from liveeval_assets.shared.hashing import uniform

Message = Mapping[str, str | None]

_ARGUMENT_FIELDS = ("arguments", "args", "input", "kwargs", "parameters")


@dataclass(frozen=True)
class Turn:
    """A user turn with its place: `messages[:start]` is history, `messages[start]` the question, up to `stop` the answer."""

    index: int
    start: int
    stop: int
    probability: float


def choose_turn(messages: Sequence[Message], seed: int, conversation_id: str, how: Literal["drawn", "last"]) -> Turn | None:
    """One answered user turn: drawn by hash with equal probability, or the last one; None where nothing was answered."""
    turns = _answered(messages)
    if not turns:
        return None
    if how == "last":
        index, start, stop = turns[-1]
        return Turn(index, start, stop, 1.0)
    index, start, stop = turns[int(uniform(seed, "turn", conversation_id) * len(turns))]
    return Turn(index, start, stop, 1 / len(turns))


def answer_text(messages: Sequence[Message]) -> str:
    """Every assistant and tool message in order, joined by newlines; a tool call is written `[tool name {json}]`."""
    lines: list[str] = []
    for message in messages:
        lines += [message["text"]] if message["text"] else []
        lines += _tool_lines(message["tool_calls"])
    return "\n".join(lines)


def _answered(messages: Sequence[Message]) -> list[tuple[int, int, int]]:
    """(0-based index among the user turns, start, stop) of each user turn that has an answer."""
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    bounds = enumerate(pairwise([*starts, len(messages)]))
    return [(n, start, stop) for n, (start, stop) in bounds if (messages[start]["text"] or "").strip() and _has_answer(messages[start + 1 : stop])]


def _has_answer(messages: Sequence[Message]) -> bool:
    return any((m["text"] or "").strip() or m["tool_calls"] for m in messages if m["role"] in ("assistant", "tool"))


def _tool_lines(tool_calls: str | None) -> list[str]:
    if not tool_calls:
        return []
    try:
        calls = json.loads(tool_calls)
    except json.JSONDecodeError:
        return [f"[tool {tool_calls}]"]
    return [_tool_line(call) for call in (calls if isinstance(calls, list) else [calls])]


def _tool_line(call: object) -> str:
    if not isinstance(call, Mapping):
        return f"[tool {json.dumps(call, ensure_ascii=False)}]"
    function = call.get("function")
    inner: Mapping[str, object] = function if isinstance(function, Mapping) else call
    name = inner.get("name") or call.get("name") or "call"
    arguments = next((inner[key] for key in _ARGUMENT_FIELDS if key in inner), {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    return f"[tool {name} {text}]"
