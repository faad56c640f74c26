"""A home's dated input records by week, read once per process while the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from liveeval_assets.runtime.home import Home
from liveeval_assets.settings import FileSource
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.records import Caps, Dated
from liveeval_assets.sources.field_map import moment
from liveeval_assets.sources.files import find_files, stamp
from liveeval_assets.sources.read import by_week, read_dated

Marks = Mapping[tuple[str, int], str]


def dated_records(home: Home, mark: Callable[[Sequence[Dated]], Marks]) -> tuple[Mapping[date, Sequence[Dated]], Marks]:
    """Trace records by week, and what `mark` says of all of them together."""
    stamps = tuple(stamp(find_files(home.path, s)) for s in home.settings.traces.sources)
    return _records(home, mark, stamps)


def fingerprint_of(rows: Sequence[Dated], marks: Marks) -> str:
    """Hash of a week's raw records and marks, whatever their order."""
    return digest(*sorted(f"{r.record.digest}:{r.record.reason}:{marks.get((r.record.file, r.record.line))}" for r in rows))


def outcome_records(home: Home, group: Callable[[Sequence[Dated], bytes], Mapping[str, Sequence[Dated]]]) -> Mapping[str, Sequence[Dated]]:
    """Outcome records as `group` arranges them under the home's pseudonyms."""
    stamps = tuple(stamp(find_files(home.path, s)) for s in home.settings.outcomes.sources)
    return _outcomes(home, group, stamps)


@lru_cache(maxsize=4)
def _outcomes(home: Home, group: Callable[[Sequence[Dated], bytes], Mapping[str, Sequence[Dated]]], stamps: tuple[Any, ...]) -> Mapping[str, Sequence[Dated]]:  # noqa: ARG001  the key
    settings = home.settings
    caps = Caps(settings.traces.max_bytes, settings.traces.max_depth)
    rows = [
        _with_moment(row, source, "received_at")
        for source in settings.outcomes.sources
        for row in read_dated(home.path, source, "occurred_at", settings.clock.first_week, caps)
    ]
    return group(rows, home.hmac_key)


@lru_cache(maxsize=4)
def _records(home: Home, mark: Callable[[Sequence[Dated]], Marks], stamps: tuple[Any, ...]) -> tuple[Mapping[date, Sequence[Dated]], Marks]:  # noqa: ARG001  the key
    settings = home.settings
    caps = Caps(settings.traces.max_bytes, settings.traces.max_depth)
    rows = [
        _with_moment(row, source, "ended_at")
        for source in settings.traces.sources
        for row in read_dated(home.path, source, "started_at", settings.clock.first_week, caps)
    ]
    return by_week(rows, settings.clock.first_week), mark(rows)


def _with_moment(row: Dated, source: FileSource, name: str) -> Dated:
    """A second time of a record as a moment too; one that cannot be read is none."""
    if row.fields is not None and not isinstance(row.fields.get(name), datetime | None):
        row.fields[name] = moment(row.fields[name], source.map)
    return row
