"""The OpenAI chat-completions protocol, as far as a judge or an assistant is asked through it: bytes to `Ask`, answer to bytes."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

_FENCE = re.compile(r"<<(HISTORY|QUESTION|ANSWER(?: [12])?) ([0-9A-Za-z]+)>>\n?(.*?)\n?<<END \2>>", re.DOTALL)
_CREATED = 1780272000  # a fixed instant, so that equal requests get equal bytes
_CHARACTERS_PER_TOKEN = 4
_MAX_BYTES = 4_000_000
_EMPTY_BY_TYPE: dict[str, object] = {"string": "", "boolean": False, "integer": 0, "number": 0.0, "array": [], "object": {}}


class BadRequestError(Exception):
    """The request is not one that the protocol allows."""

    def __init__(self, message: str, *, status: int = 400, code: str = "invalid_request") -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Ask:
    """A parsed request.

    Attributes:
        model: model name asked for.
        turns: (role, text) of every message.
        mode: tools, json or text: how the reply must be wrapped.
        tool: name of the function to call.
        schema: JSON schema of the reply, where the request carries one.
    """

    model: str
    turns: tuple[tuple[str, str], ...]
    mode: str = "text"
    tool: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """Every message, with its role: what noise is hashed from."""
        return "\x1e".join(f"{role}\x1f{text}" for role, text in self.turns)

    @cached_property
    def noise(self) -> tuple[float, float]:
        """Two numbers in [0, 1) that depend on the model name and the whole prompt alone."""
        raw = hashlib.blake2b(f"{self.model}\x1d{self.text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        return int.from_bytes(raw[:8], "big") / 2**64, int.from_bytes(raw[8:], "big") / 2**64

    @cached_property
    def users(self) -> list[str]:
        """Texts of the user messages."""
        return [text for role, text in self.turns if role == "user"]

    @cached_property
    def blocks(self) -> dict[str, str]:
        """Fenced blocks of the prompt by name (QUESTION, ANSWER, ANSWER 1, ...); only the first fence's nonce counts."""
        prompt = "\n".join(self.users)
        first = _FENCE.search(prompt)
        if first is None:
            return {}
        found: dict[str, str] = {}
        for name, nonce, inner in _FENCE.findall(prompt):
            if nonce == first.group(2):
                found.setdefault(name, inner)
        return found

    @cached_property
    def outside(self) -> str:
        """The prompt without its fenced blocks: the only place for instructions."""
        return _FENCE.sub(" ", "\n".join(self.users))


def parse(body: bytes) -> Ask:
    """Read a request.

    Raises:
        BadRequestError: not JSON, no model, no messages, or a feature that is not served.
    """
    if len(body) > _MAX_BYTES:
        raise BadRequestError("the body is too large", status=413, code="too_large")
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequestError("the body is not JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("model"), str) or not raw["model"]:
        raise BadRequestError("you must provide a model parameter")
    messages = raw.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(m, dict) and isinstance(m.get("role"), str) for m in messages):
        raise BadRequestError("'messages' must be a non-empty list of messages with a role")
    if raw.get("stream"):
        raise BadRequestError("streaming is not served here")
    turns = tuple((m["role"], _content(m.get("content"))) for m in messages)
    tool, schema = _tool(raw)
    if tool:
        return Ask(raw["model"], turns, "tools", tool, schema)
    form = raw.get("response_format") or {}
    if form.get("type") == "json_schema":
        return Ask(raw["model"], turns, "json", "", (form.get("json_schema") or {}).get("schema") or {})
    return Ask(raw["model"], turns, "json" if form.get("type") == "json_object" else "text")


def completion(ask: Ask, value: dict[str, object] | str) -> bytes:
    """The reply as the protocol wraps it, with usage; a structured value is fitted to the schema that was asked for."""
    structured = isinstance(value, dict) and ask.mode != "text"
    content = orjson.dumps(fit(value, ask.schema)).decode() if isinstance(value, dict) else value
    n_in, n_out = math.ceil(len(ask.text) / _CHARACTERS_PER_TOKEN), math.ceil(len(content) / _CHARACTERS_PER_TOKEN)
    message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None}
    if structured and ask.mode == "tools":
        call = {"id": f"call_{_identity(ask)}", "type": "function", "function": {"name": ask.tool, "arguments": content}}
        message |= {"content": None, "tool_calls": [call]}
    return orjson.dumps(
        {
            "id": f"chatcmpl-{_identity(ask)}",
            "object": "chat.completion",
            "created": _CREATED,
            "model": ask.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}],
            "usage": {"prompt_tokens": n_in, "completion_tokens": n_out, "total_tokens": n_in + n_out},
            "system_fingerprint": None,
        }
    )


def error(message: str, code: str, kind: str = "invalid_request_error") -> bytes:
    """An error as the protocol writes it."""
    return orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def fit(value: dict[str, object], schema: Mapping[str, Any]) -> dict[str, object]:
    """Keep the properties that the schema has; give missing required ones an empty value of their type."""
    properties = schema.get("properties")
    if not properties:
        return value
    kept = {name: value[name] for name in properties if name in value}
    for name in schema.get("required", ()):
        if name not in kept:
            kept[name] = _EMPTY_BY_TYPE.get(properties.get(name, {}).get("type", "string"), "")
    return kept


def _tool(raw: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The function that the request wants called, with its parameters."""
    tools = [t["function"] for t in raw.get("tools") or () if isinstance(t, dict) and isinstance(t.get("function"), dict)]
    choice = raw.get("tool_choice")
    if not tools or choice == "none":
        return "", {}
    wanted = choice.get("function", {}).get("name") if isinstance(choice, dict) else tools[0].get("name")
    function = next((f for f in tools if f.get("name") == wanted), None)
    if function is None:
        raise BadRequestError(f"tool_choice names a function that tools does not have: {wanted!r}")
    return str(function["name"]), function.get("parameters") or {}


def _content(content: object) -> str:
    """Text of a message: a string, or the text parts of a list."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _identity(ask: Ask) -> str:
    return f"{int(ask.noise[0] * 2**53):014x}"
