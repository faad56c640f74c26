"""Reading a source: small tables as rows; large ones as an index of spots, whose records are read again when they are wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from liveeval_assets.settings import FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Caps, Entry, Record, Spot
from liveeval_assets.sources.field_map import map_fields
from liveeval_assets.sources.files import find_files, read_file, shown, stamp
from liveeval_assets.sources.moments import moment, ruled_moment

_MEMOS = 16
TIMES = ("started_at", "ended_at", "occurred_at", "received_at")


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


def read_entries(home: Path, source: FileSource, time_field: str, first_week: date, caps: Caps, only: Sequence[Spot] | None = None) -> Iterator[Entry]:
    """Every record of a source in file order, or those at the given spots, with our field names and its moment.

    Args:
        time_field: our name of the field that dates a record; texts in the other time fields become moments too.
    """
    wanted: dict[str, set[int]] | None = None
    if only is not None:
        wanted = defaultdict(set)
        for spot in only:
            wanted[spot.file].add(spot.line)
    for path in find_files(home, source):
        lines = None if wanted is None else wanted.get(shown(path, home))
        if wanted is None or lines:
            for record in read_file(path, home, source, caps, lines):
                yield _entry(record, source, time_field, first_week)


def index(home: Path, source: FileSource, time_field: str, first_week: date, caps: Caps) -> Sequence[Spot]:
    """Spots of every record of a source in file order; parsed once per process while the files stay as they are."""
    return _index(home, source.model_dump_json(), time_field, first_week, caps, stamp(find_files(home, source)))


@lru_cache(maxsize=_MEMOS)
def _index(home: Path, source_json: str, time_field: str, first_week: date, caps: Caps, _: tuple[tuple[str, int, int], ...]) -> Sequence[Spot]:
    source = FileSource.model_validate_json(source_json)
    return [entry.spot for entry in read_entries(home, source, time_field, first_week, caps)]


def _entry(record: Record, source: FileSource, time_field: str, first_week: date) -> Entry:
    where = (source.name, record.file, record.line, record.n_bytes, record.digest)
    if record.value is None:
        return Entry(Spot(*where, reason=record.reason, field=record.field), None)
    fields = map_fields(record.value, source.map)
    if fields.get("ended_at") is None and (last := _last_message(fields, source)):
        fields["ended_at"] = last
    for name in TIMES:
        if fields.get(name) is not None:
            fields[name] = moment(fields[name], source.map)
    at = ruled_moment(record.value, source, first_week, record.line) if source.week_by else moment(fields.get(time_field), source.map)
    own_id = fields.get("id")
    return Entry(Spot(*where, id=None if own_id is None else str(own_id), at=at), fields)


def _last_message(fields: dict[str, Any], source: FileSource) -> datetime | None:
    """The newest time that a message carries."""
    messages = fields.get("messages")
    times = [moment(m["at"], source.map) for m in messages if m["at"] is not None] if isinstance(messages, list) else []
    return max((t for t in times if t is not None), default=None)
