"""From a team's own field names to ours, as the settings declare."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.weeks import start_of

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
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def map_fields(record: dict[str, Any], fields: FieldMap) -> dict[str, Any]:
    """Our names with the record's values; defaults where the record has none."""
    mapped = {name: look_up(record, path) for name, path in fields.fields.items() if not name.startswith("messages.")}
    for name, value in fields.defaults.items():
        if mapped.get(name) is None:
            mapped[name] = value
    if isinstance(mapped.get("messages"), list):
        mapped["messages"] = [_message(m, fields) for m in mapped["messages"]]
    return mapped


def _message(message: Any, fields: FieldMap) -> dict[str, Any]:
    paths = {ours: fields.fields.get(f"messages.{ours}", default) for ours, default in _MESSAGE_FIELDS.items()}
    found = {ours: look_up(message, path) for ours, path in paths.items()}
    found["role"] = fields.roles.get(str(found["role"]), found["role"])
    if found["text"] is None and found["tool_calls"]:
        found["text"] = ""
    if found["tool_calls"] is not None and not isinstance(found["tool_calls"], str):
        found["tool_calls"] = json.dumps(found["tool_calls"], sort_keys=True, ensure_ascii=False)
    return found


def moment(value: Any, fields: FieldMap) -> datetime | None:
    """A UTC moment from ISO 8601 with a zone, from `time_format` in `timezone`, or from a datetime; None if it is none.

    A text without a zone is refused unless the settings say how to read it.
    """
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, str) and fields.time_format:
            found = datetime.strptime(value, fields.time_format)  # noqa: DTZ007  the zone follows
        elif isinstance(value, str):
            found = datetime.fromisoformat(value)
        else:
            return None
        if found.tzinfo is None:
            if not fields.time_format and not isinstance(value, datetime):
                return None
            found = found.replace(tzinfo=ZoneInfo(fields.timezone))
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def ruled_moment(record: dict[str, Any], source: FileSource, first_week: date, line: int) -> datetime | None:
    """Where records carry no time: field `week_by` counts weeks from the first one; the line gives the order within."""
    number = look_up(record, source.week_by or "")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 5000:
        return None
    return start_of(first_week) + timedelta(weeks=number, seconds=line)
