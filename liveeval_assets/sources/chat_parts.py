"""Parts of a message: what is text, what is a call, what is a tool's answer, and what leaves a mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liveeval_assets.sources.chat_calls import call_id, call_of
from liveeval_assets.sources.chat_message import ToolCall, first_of, json_text, some_text

_TEXTS = {"text", "input_text", "output_text", "refusal"}
_CALLS = {"tool_use", "server_tool_use", "mcp_tool_use", "tool_call", "tool-call", "server_tool_call", "function_call"}
_RESULTS = {"tool_result", "tool_call_response", "tool-result", "tool-return", "retry-prompt", "server_tool_call_response", "function_response"}
_PROMPTS = {"system-prompt": "system", "user-prompt": "user"}
_MEDIA = ("image", "audio", "video", "file", "document")
_BARE_TEXT = {"text", "thought", "thought_signature", "thoughtSignature"}
_MOST_NESTED = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A part: text, a call, or the answer to one.

    Attributes:
        role: who speaks, where the part itself says so.
        answers: whether the text is what a tool gave back.
        answered_id: the call that it answers.
    """

    text: str = ""
    call: ToolCall | None = None
    role: str | None = None
    answers: bool = False
    answered_id: str | None = None


def kind_of(item: dict[str, Any]) -> str:
    """A part's own name of its type; empty where it has none."""
    kind = first_of(item, "type", "part_kind", "block_type", "kind")
    return kind if isinstance(kind, str) else ""


def is_part(item: Any) -> bool:
    """Whether an object that names no role can be told to be a part of a message by its structure alone."""
    if not isinstance(item, dict) or "role" in item:
        return False
    kind = kind_of(item)
    is_typed = kind in _TEXTS | _CALLS | _RESULTS or kind in _PROMPTS or _is_thought(item, kind) or _modality(item, kind) is not None
    is_bare = isinstance(item.get("text"), str) and set(item) <= _BARE_TEXT
    return is_typed or is_bare or _is_gemini(item) or ("toolCallId" in item and "toolName" in item)


def parts_of(items: Any, depth: int = 0) -> Iterator[Part]:
    """Parts of a content list in order; what a model thought to itself is left out."""
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, str):
            yield Part(item)
        elif isinstance(item, dict):
            yield from _part(item, depth)


def text_of(content: Any, depth: int = 0) -> str:
    """The text of a content: parts joined by line breaks; an object that is no part as JSON."""
    if content is None or isinstance(content, str):
        return content or ""
    listed = content if isinstance(content, list) else [content]
    if listed and all(isinstance(item, str) or is_part(item) for item in listed) and depth < _MOST_NESTED:
        return "\n".join(part.text for part in parts_of(listed, depth + 1) if part.text)
    return json_text(content)


def _part(item: dict[str, Any], depth: int) -> Iterator[Part]:
    kind = kind_of(item)
    if _is_thought(item, kind):
        return
    if _is_result(item, kind):
        yield _result(item, depth)
    elif kind in _CALLS or _is_gemini(item) or "toolName" in item or kind.startswith("tool-"):
        call = call_of(item)
        if call is not None:
            yield Part(call=call)
    elif kind in _PROMPTS:
        yield Part(text_of(item.get("content"), depth), role=_PROMPTS[kind])
    else:
        yield Part(_plain(item, kind))


def _plain(item: dict[str, Any], kind: str) -> str:
    """Text of a part, or the mark of one that is none."""
    modality = _modality(item, kind)
    text = first_of(item, "text", "content", "refusal")
    if modality is None and isinstance(text, str) and (kind in _TEXTS or not kind):
        return text
    return f"[{modality or kind or 'part'}]"


def _is_thought(item: dict[str, Any], kind: str) -> bool:
    lowered = kind.lower()
    return "reasoning" in lowered or "thinking" in lowered or item.get("thought") is True


def _is_gemini(item: dict[str, Any]) -> bool:
    return any(isinstance(item.get(key), dict) for key in ("function_call", "functionCall", "function_response", "functionResponse"))


def _is_result(item: dict[str, Any], kind: str) -> bool:
    if kind in _RESULTS or kind.endswith("_tool_result"):
        return True
    if "toolName" in item and "toolCallId" in item:
        return "result" in item or "output" in item
    return any(isinstance(item.get(key), dict) for key in ("function_response", "functionResponse"))


def _result(item: dict[str, Any], depth: int) -> Part:
    inner = first_of(item, "function_response", "functionResponse")
    inner = inner if isinstance(inner, dict) else item
    given = first_of(inner, "response", "result", "content", "output", "server_tool_call_response")
    if isinstance(given, dict) and set(given) == {"type", "value"}:
        given = given["value"]
    return Part(text_of(given, depth), answers=True, answered_id=some_text(first_of(inner, "tool_use_id")) or call_id(inner))


def _modality(item: dict[str, Any], kind: str) -> str | None:
    """Image, audio, video, file or document, by the part's media type, its modality or its type."""
    inline = first_of(item, "inline_data", "inlineData", "file_data", "fileData", "file", "source")
    inner = inline if isinstance(inline, dict) else {}
    media_type = first_of({**inner, **item}, "mime_type", "mimeType", "mediaType", "media_type")
    said = [media_type, item.get("modality"), kind if kind not in _TEXTS else ""]
    named = next((m for text in said if isinstance(text, str) for m in _MEDIA if m in text.lower()), None)
    return named or ("file" if {"inline_data", "inlineData", "file_data", "fileData"} & set(item) else None)
