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
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.records import Caps, Entry, Record, Spot
from liveeval_assets.sources.field_map import map_fields
from liveeval_assets.sources.files import find_files, read_file, shown, stamp
from liveeval_assets.sources.langfuse_scores import langfuse_scores, user_scores
from liveeval_assets.sources.moments import moment, ruled_moment
from liveeval_assets.sources.traced import SPANS, SpanIndex, fold_entries, index_spans

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
    if source.format in SPANS:
        yield from _conversations(home, source, caps, only)
        return
    wanted: dict[str, set[int]] | None = None
    if only is not None:
        wanted = defaultdict(set)
        for spot in only:
            wanted[spot.file].add(spot.line)
    for path in find_files(home, source):
        lines = None if wanted is None else wanted.get(shown(path, home))
        if wanted is None or lines:
            for record in read_file(path, home, source, caps, lines):
                if source.format == "langfuse_scores" and record.value is not None:
                    yield from _scores(record, source)
                else:
                    yield _entry(record, source, time_field, first_week)


def index(home: Path, source: FileSource, time_field: str, first_week: date, caps: Caps) -> Sequence[Spot]:
    """Spots of every record of a source in file order; parsed once per process while the files stay as they are."""
    return _index(home, source.model_dump_json(), time_field, first_week, caps, stamp(find_files(home, source)))


@lru_cache(maxsize=_MEMOS)
def _index(home: Path, source_json: str, time_field: str, first_week: date, caps: Caps, _: tuple[tuple[str, int, int], ...]) -> Sequence[Spot]:
    source = FileSource.model_validate_json(source_json)
    if source.format in SPANS:
        return span_index(home, source, caps).spots
    return [entry.spot for entry in read_entries(home, source, time_field, first_week, caps)]


def span_index(home: Path, source: FileSource, caps: Caps) -> SpanIndex:
    """Index of a source of spans; parsed once per process while the files stay as they are."""
    return _span_index(home, source.model_dump_json(), caps, stamp(find_files(home, source)))


@lru_cache(maxsize=_MEMOS)
def _span_index(home: Path, source_json: str, caps: Caps, _: tuple[tuple[str, int, int], ...]) -> SpanIndex:
    source = FileSource.model_validate_json(source_json)
    return index_spans((r for path in find_files(home, source) for r in read_file(path, home, source, caps)), source)


def _conversations(home: Path, source: FileSource, caps: Caps, only: Sequence[Spot] | None) -> Iterator[Entry]:
    """Conversations of a source of spans; of its documents those are read that the wanted conversations need."""
    found = span_index(home, source, caps)
    spots = found.spots if only is None else only
    lines: dict[str, set[int]] = defaultdict(set)
    for file, line in (place for spot in spots if spot.id is not None for place in found.places.get(spot.id, ())):
        lines[file].add(line)
    files = [path for path in find_files(home, source) if shown(path, home) in lines]
    records = (r for path in files for r in read_file(path, home, source, caps, lines[shown(path, home)]))
    yield from fold_entries(spots, (r.value for r in records if r.value is not None), source)


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


def _scores(record: Record, source: FileSource) -> Iterator[Entry]:
    """Scores that the product sent, as outcomes of the session or the trace that they name; those of evaluators and annotators are none."""
    for part, score in enumerate(user_scores(langfuse_scores(record.value or {}))):
        where = (source.name, record.file, record.line, record.n_bytes, digest(record.digest, score.id))
        own_id = score.session_id or score.trace_id
        fields = {"id": own_id, "name": score.name, "value": score.value, "occurred_at": score.at}
        yield Entry(Spot(*where, id=own_id, at=score.at, part=part), fields)


def _last_message(fields: dict[str, Any], source: FileSource) -> datetime | None:
    """The newest time that a message carries."""
    messages = fields.get("messages")
    times = [moment(m["at"], source.map) for m in messages if m["at"] is not None] if isinstance(messages, list) else []
    return max((t for t in times if t is not None), default=None)
