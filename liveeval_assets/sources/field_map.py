"""From a team's own field names to ours, as the settings declare."""

from __future__ import annotations

import json
import re
from typing import Any

from liveeval_assets.settings import FieldMap
from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.json_text import Refused, parse_json

_PLACE = re.compile(r"\{([\w.]+)\}")
_MESSAGE_FIELDS = {"role": "role", "text": "content", "tool_calls": "tool_calls", "at": "at"}


def look_up(record: Any, path: str) -> Any:
    """The value at a dotted path (`a.b.0.c`), or a text made from several (`{task}-{trial}`); None where there is none."""
    if "{" in path:
        values = [look_up(record, p) for p in _PLACE.findall(path)]
        return None if None in values else _PLACE.sub(lambda m: str(look_up(record, m[1])), path)
    found = record
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def map_fields(record: dict[str, Any], fields: FieldMap) -> dict[str, Any]:
    """Our names with the record's values; defaults where the record has none.

    Several paths give the list of the values that are there. Messages that are stored as a JSON text are read.
    """
    mapped = {name: _value(record, path) for name, path in fields.fields.items() if not name.startswith("messages.")}
    for name, value in fields.defaults.items():
        if mapped.get(name) is None:
            mapped[name] = value
    messages = mapped.get("messages")
    if isinstance(messages, str):
        messages = _read_json(messages)
    if isinstance(messages, list):
        mapped["messages"] = [_message(m, fields) for m in messages]
    return mapped


def _value(record: dict[str, Any], path: str | list[str]) -> Any:
    if isinstance(path, str):
        return look_up(record, path)
    return [value for value in (look_up(record, p) for p in path) if value is not None]


def _read_json(text: str) -> Any:
    try:
        return parse_json(text, Caps().max_depth)
    except Refused:
        return text


def _message(message: Any, fields: FieldMap) -> dict[str, Any]:
    """Role, text, tool calls as JSON text, and time of one message."""
    found = {ours: look_up(message, str(fields.fields.get(f"messages.{ours}", default))) for ours, default in _MESSAGE_FIELDS.items()}
    found["role"] = fields.roles.get(str(found["role"]), found["role"])
    if isinstance(found["text"], list):
        found["text"] = _join_parts(found["text"])
    if found["text"] is None and found["tool_calls"]:
        found["text"] = ""
    if found["tool_calls"] is not None and not isinstance(found["tool_calls"], str):
        found["tool_calls"] = json.dumps(found["tool_calls"], sort_keys=True, ensure_ascii=False, default=str)
    return found


def _join_parts(parts: list[Any]) -> str | None:
    """Text of a message that comes in parts; a part that is no text leaves its type as a mark."""
    texts = [p.get("text") or f"[{p.get('type')}]" if isinstance(p, dict) else p for p in parts]
    return "\n".join(texts) if all(isinstance(t, str) for t in texts) else None
