"""Reading a source whole: small tables as rows, and dated records by week; unchanged files are parsed once per process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from liveeval_assets.settings import FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.weeks import week_of
from liveeval_assets.sources.field_map import map_fields, moment, ruled_moment
from liveeval_assets.sources.files import find_files, read_file, stamp
from liveeval_assets.shared.records import Caps, Dated, Record

_MEMOS = 16


def read_rows(home: Path, source: FileSource, caps: Caps | None = None) -> list[dict[str, Any]]:
    """Rows of a small table with our field names.

    Raises:
        SourceError: a row cannot be read; the message names file and line.
    """
    rows = []
    for path in find_files(home, source):
        for record in read_file(path, home, source, caps or Caps()):
            if record.value is None:
                raise SourceError(f"source '{source.name}': {record.file} line {record.line} is refused ({record.reason}); mend the file")
            rows.append(map_fields(record.value, source.map))
    return rows


def read_dated(home: Path, source: FileSource, time_field: str, first_week: date, caps: Caps) -> list[Dated]:
    """Every record of a source in file order, with its moment."""
    return _read(home, source.model_dump_json(), time_field, first_week, caps, stamp(find_files(home, source)))


def by_week(dated: Sequence[Dated], first_week: date) -> dict[date, list[Dated]]:
    """Records by week. One without a moment belongs to the last dated record before it in its file, else to the first after it."""
    found: dict[date, list[Dated]] = defaultdict(list)
    waiting: list[Dated] = []
    file, week = "", None
    for row in dated:
        if row.record.file != file:
            found[first_week] += waiting
            file, week, waiting = row.record.file, None, []
        if row.at is not None:
            week = week_of(row.at)
            found[week] += [*waiting, row]
            waiting = []
        elif week is not None:
            found[week].append(row)
        else:
            waiting.append(row)
    found[first_week] += waiting
    return dict(found)


def fingerprint(rows: Sequence[Dated]) -> str:
    """Hash of the raw records, whatever their order."""
    return digest(*sorted(f"{r.record.file}:{r.record.line}:{r.record.digest}:{r.record.reason}" for r in rows))


@lru_cache(maxsize=_MEMOS)
def _read(home: Path, source_json: str, time_field: str, first_week: date, caps: Caps, files: tuple[tuple[str, int, int], ...]) -> list[Dated]:
    source = FileSource.model_validate_json(source_json)
    return [_date(r, source, time_field, first_week) for name, _, _ in files for r in read_file(Path(name), home, source, caps)]


def _date(record: Record, source: FileSource, time_field: str, first_week: date) -> Dated:
    if record.value is None:
        return Dated(record, source.name, None, None)
    fields = map_fields(record.value, source.map)
    if source.week_by:
        at = ruled_moment(record.value, source, first_week, record.line)
    else:
        at = moment(fields.get(time_field), source.map)
    return Dated(record, source.name, fields, at)
