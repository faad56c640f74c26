"""One object of a wire that is one message, told by its structure; it becomes several where it holds tools' answers beside text."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from liveeval_assets.sources.chat_calls import call_id, call_of, message_calls, printed_calls
from liveeval_assets.sources.chat_message import Message, Role, ToolCall, first_of, role_of, some_text
from liveeval_assets.sources.chat_parts import kind_of, parts_of, text_of

_CONTENTS = ("content", "parts", "blocks", "text")
_NOT_SPOKEN = ("_call_output", "_call", "reasoning")


def is_message(item: Any) -> bool:
    """Whether an object says that it is a message: a role with a content or calls, or a shape that implies the role."""
    if not isinstance(item, dict):
        return False
    bare = bare_message(item)
    if isinstance(bare.get("role"), str) or _kind_role(bare) is not None:
        return any(key in bare for key in (*_CONTENTS, "tool_calls", "function_call", "additional_kwargs", "toolCalls", "refusal"))
    return _is_item(bare) or (bare.get("kind") in ("request", "response") and isinstance(bare.get("parts"), list))


def bare_message(item: dict[str, Any]) -> dict[str, Any]:
    """The message inside what wraps it: a choice, a serialised constructor (`lc`, `id`, `kwargs`), or `{type, data}`."""
    inner, name = item.get("kwargs"), item.get("id")
    if isinstance(inner, dict) and isinstance(name, list) and name:
        return {"role": name[-1], **inner} if "role" not in inner else inner
    for key in ("message", "data", "content", "new_message"):
        inner = item.get(key)
        if isinstance(inner, dict) and (key == "message" or "role" not in item) and _is_wrapped(item, inner, key):
            return {"type": item.get("type"), **inner} if key == "data" else bare_message(inner)
    return item


def read_message(item: dict[str, Any], default: Role | None, called: Collection[str] = ()) -> list[Message]:
    """Messages of one object.

    Args:
        default: who speaks where the object does not say; None where that cannot be known.
        called: names of tools that were called before; some wires name a tool's answer after the tool.
    """
    bare = bare_message(item)
    if _is_item(bare):
        return _read_item(bare)
    if bare.get("kind") in ("request", "response"):
        default = "assistant" if bare["kind"] == "response" else "user"
    name = some_text(bare.get("role"))
    if name is not None and default == "user":
        # among what was given, somebody who is none of the four could be anybody
        default = None
    role = role_of(name) or _kind_role(bare) or ("tool" if name in called else default)
    if role is None or _defines_tool(bare):
        return []
    return _read_content(bare, role)


def speak(content: Any, role: Role, calls: tuple[ToolCall, ...] = (), answered_id: str | None = None) -> list[Message]:
    """Messages of a content in parts: a tool's answer stands apart, in role tool; text and calls around it stay together."""
    found: list[Message] = []
    texts: list[str] = []
    pending = list(calls)
    speaker = role

    def flush() -> None:
        if texts or pending:
            found.append(Message(speaker, "\n".join(texts), tuple(pending), answered_id if speaker == "tool" else None))
        texts.clear()
        pending.clear()

    for part in parts_of(content):
        own = role_of(part.role) or role
        if part.answers or own != speaker:
            flush()
        if part.answers:
            found.append(Message("tool", part.text, (), part.answered_id or answered_id))
            continue
        speaker = own
        if part.call is not None and part.call not in pending:
            pending.append(part.call)
        if part.text:
            texts.append(part.text)
    flush()
    return found


def _read_content(bare: dict[str, Any], role: Role) -> list[Message]:
    content = first_of(bare, *_CONTENTS)
    if content is None:
        content = first_of(bare, "refusal")
    calls = message_calls(bare) if role == "assistant" else ()
    answered = some_text(first_of(bare, "tool_call_id", "toolCallId", "call_id"))
    if isinstance(content, str):
        printed = printed_calls(content) if role in ("assistant", "tool") and answered is None else ()
        text = "" if printed else content
        return [Message("assistant" if printed else role, text, calls or printed, answered if role == "tool" else None)]
    if role == "tool" and not _has_answers(content):
        return [Message("tool", text_of(content), (), answered)]
    return speak(content or [], role, calls, answered)


def _has_answers(content: Any) -> bool:
    return any(part.answers for part in parts_of(content or []))


def _read_item(item: dict[str, Any]) -> list[Message]:
    """An item of the OpenAI Responses API that stands for a message without being one."""
    kind = kind_of(item)
    if kind.endswith("_call_output"):
        return [Message("tool", text_of(item.get("output")), (), call_id(item))]
    if kind == "reasoning":
        return []
    call = call_of(item)
    if call is None:
        return [Message("assistant", f"[{kind}]")]
    messages = [Message("assistant", "", (call,))]
    if some_text(item.get("output")):
        messages.append(Message("tool", item["output"], (), call.id))
    return messages


def _is_item(item: dict[str, Any]) -> bool:
    kind = item.get("type")
    is_named = isinstance(kind, str) and kind.endswith(_NOT_SPOKEN) and "role" not in item
    return is_named and any(key in item for key in ("call_id", "status", "summary"))


def _kind_role(item: dict[str, Any]) -> Role | None:
    """The role that a type such as `human` or `ai` gives, in an object that has a content."""
    return role_of(item.get("type")) if "content" in item and "role" not in item else None


def _is_wrapped(item: dict[str, Any], inner: dict[str, Any], key: str) -> bool:
    if key == "data":
        return "content" in inner and role_of(item.get("type")) is not None
    return isinstance(inner.get("role"), str) or (key == "message" and isinstance(inner.get("kwargs"), dict))


def _defines_tool(item: dict[str, Any]) -> bool:
    """Whether the content is a tool's definition, which some wires list among the messages."""
    content = item.get("content")
    function = content.get("function") if isinstance(content, dict) else None
    return isinstance(function, dict) and "arguments" not in function and "parameters" in function
