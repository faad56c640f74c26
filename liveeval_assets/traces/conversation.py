"""What a well-formed conversation is; a record that is none gets a reason and the field at fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from liveeval_assets.shared.records import Entry

MIN_ENTITY = 3


class Message(BaseModel):
    """One message."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "user", "assistant", "tool"]
    text: StrictStr
    tool_calls: StrictStr | None = None


class Conversation(BaseModel):
    """A conversation with our field names."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str = Field(min_length=1, max_length=500)
    release: str = Field(min_length=1, max_length=200)
    user: str | None = None
    ended_at: datetime | None = None
    messages: list[Message] = Field(min_length=1)
    attributes: dict[str, Any] | None = None
    entities: Any = None


Refusal = tuple[str, str | None]
_MISSING = {"missing", "too_short", "string_too_short"}


def parse(entry: Entry, *, max_turns: int, now: datetime, skew: timedelta) -> Conversation | Refusal:
    """The conversation in a record, or (reason, field at fault); nothing of the text is repeated."""
    refusal = _refuse(entry, max_turns, now + skew)
    if refusal is not None or entry.fields is None:
        return refusal or ("not_json", None)
    try:
        found = Conversation.model_validate(entry.fields)
    except ValidationError as error:
        return _fault(error, entry.fields)
    if found.ended_at is not None and found.ended_at > now + skew:
        return "future_time", "ended_at"
    if not any(m.role == "user" and m.text.strip() for m in found.messages):
        return "no_user_turn", "messages"
    return found


def _refuse(entry: Entry, max_turns: int, latest: datetime) -> Refusal | None:
    """What can be seen before the messages are looked at."""
    if entry.fields is None:
        return entry.spot.reason or "not_json", entry.spot.field
    if entry.spot.at is None:
        return "bad_time", "started_at"
    if entry.spot.at > latest:
        return "future_time", "started_at"
    messages = entry.fields.get("messages")
    return ("too_many_turns", "messages") if isinstance(messages, list) and len(messages) > max_turns else None


def _fault(error: ValidationError, fields: dict[str, Any]) -> Refusal:
    """Reason and place of the first error, in our own field names alone: a key of the record is content."""
    first = error.errors(include_input=False, include_url=False)[0]
    is_missing = first["type"] in _MISSING or fields.get(str(first["loc"][0])) is None
    return "missing_field" if is_missing else "bad_value", ".".join(map(str, first["loc"][:3]))


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
