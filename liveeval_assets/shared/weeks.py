"""What a week is: Monday 00:00 UTC to the next, named by its Monday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

WEEK = timedelta(days=7)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def week_of(moment: datetime | date) -> date:
    """The Monday of the week that holds `moment`; a datetime must be timezone-aware."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a naive timestamp has no week: give it a timezone")
        moment = moment.astimezone(UTC).date()
    return moment - timedelta(days=moment.weekday())


def parse_week(key: str) -> date:
    """A partition key such as `2026-06-01`; refuses anything that is not a Monday."""
    if not _ISO_DATE.fullmatch(key):
        raise ValueError(f"'{key}' is not a week: write its Monday as YYYY-MM-DD")
    day = date.fromisoformat(key)
    if day.weekday() != 0:
        raise ValueError(f"{key} is not a Monday; its week is {week_of(day)}")
    return day


def weeks_between(first: date, last: date) -> Iterator[date]:
    """Every Monday from `first` to `last`, both included, oldest first."""
    week = first
    while week <= last:
        yield week
        week += WEEK


def start_of(week: date) -> datetime:
    """The first instant of a week, UTC."""
    return datetime(week.year, week.month, week.day, tzinfo=UTC)


def end_of(week: date) -> datetime:
    """The first instant after a week, UTC."""
    return start_of(week) + WEEK
