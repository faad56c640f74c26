"""What a well-formed conversation is; a record that is none gets a reason and the field at fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from liveeval_assets.shared.records import Dated

MIN_ENTITY = 3


class Message(BaseModel):
    """One message; its own time is optional."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "user", "assistant", "tool"]
    text: StrictStr
    tool_calls: str | None = None


class Conversation(BaseModel):
    """A conversation with our field names."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(min_length=1, max_length=500)
    release: str = Field(min_length=1, max_length=200)
    user: str | None = None
    messages: list[Message] = Field(min_length=1)
    attributes: dict[str, Any] | None = None
    entities: Any = None


Refusal = tuple[str, str | None]


def parse(row: Dated, *, max_turns: int, now: datetime, skew: timedelta) -> Conversation | Refusal:
    """The conversation in a record, or (reason, field at fault); nothing of the text is repeated."""
    if row.fields is None:
        return row.record.reason or "not_json", row.record.field
    if row.at is None:
        return "bad_time", "started_at"
    if row.at > now + skew:
        return "future_time", "started_at"
    messages = row.fields.get("messages")
    if isinstance(messages, list) and len(messages) > max_turns:
        return "too_many_turns", "messages"
    try:
        found = Conversation.model_validate(row.fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        is_missing = first["type"] in {"missing", "too_short", "string_too_short"} or row.fields.get(str(first["loc"][0])) is None
        return "missing_field" if is_missing else "bad_value", ".".join(str(part) for part in first["loc"])
    if not any(m.role == "user" and m.text.strip() for m in found.messages):
        return "no_user_turn", "messages"
    return found


def known_entities(record: Any) -> list[str]:
    """Every text or number of the user's own record, sorted; shorter ones than three characters would mask half the language."""
    return sorted({text for text in _leaves(record) if len(text) >= MIN_ENTITY})


def attributes_json(conversation: Conversation) -> str:
    """Other fields as canonical JSON."""
    return json.dumps(conversation.attributes or {}, sort_keys=True, ensure_ascii=False, default=str)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value).strip()
