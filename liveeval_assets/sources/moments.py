"""How a record's time is read: UTC, and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.weeks import start_of
from liveeval_assets.sources.field_map import look_up

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = {"epoch_s": 1e6, "epoch_ms": 1e3, "epoch_us": 1.0, "epoch_ns": 1e-3}
_MOST_WEEKS = 5000


def moment(value: Any, fields: FieldMap) -> datetime | None:
    """The UTC moment that a value means, or None if it means none.

    Without `time_format` a text must be ISO 8601 with its zone. `iso` accepts one without a zone, in `timezone`;
    `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns` read numbers; anything else is a strptime format.
    """
    try:
        found = _parse(value, fields.time_format)
        if found is None or found.tzinfo is not None:
            return found and found.astimezone(UTC)
        if not fields.time_format and not isinstance(value, datetime):
            return None
        zone = UTC if fields.timezone == "UTC" else ZoneInfo(fields.timezone)
        return found.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parse(value: Any, time_format: str | None) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if time_format in _MICROSECONDS:
        return _since_epoch(value, _MICROSECONDS[time_format])
    if not isinstance(value, str):
        return None
    if time_format in (None, "iso"):
        return datetime.fromisoformat(value)
    return datetime.strptime(value, str(time_format))  # noqa: DTZ007  the zone follows


def _since_epoch(value: Any, microseconds: float) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    # whole numbers stay whole: a float cannot hold nanoseconds of this century
    number = int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else float(value)
    scaled = number // 1000 if microseconds < 1 and isinstance(number, int) else number * (int(microseconds) or microseconds)
    return _EPOCH + timedelta(microseconds=scaled)


def ruled_moment(record: dict[str, Any], source: FileSource, first_week: date, line: int) -> datetime | None:
    """Where records carry no time: field `week_by` counts weeks from the first one; the line gives the order within."""
    number = look_up(record, source.week_by or "")
    if isinstance(number, str) and number.isdecimal():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < _MOST_WEEKS:
        return None
    return start_of(first_week) + timedelta(weeks=number, seconds=min(line, 600_000))
