"""The inbox of ratings: one file each, placed by atomic rename, never changed."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import orjson

from liveeval_assets.shared.errors import SourceError
from liveeval_assets.sources.files import stamp

Row = tuple[str, int, dict[str, Any]]


def put_ratings(inbox: Path, name: str, ratings: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of ratings so that a reader sees all of it or nothing."""
    inbox.mkdir(parents=True, exist_ok=True)
    lines = b"".join(orjson.dumps(dict(r), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z) for r in ratings)
    hidden = inbox / f".{name}"
    hidden.write_bytes(lines)
    hidden.replace(inbox / name)


def inbox_rows(inbox: Path) -> tuple[Row, ...]:
    """Every row of the inbox as (file, line, fields); parsed once while the files stay as they are.

    Raises:
        SourceError: a line is not JSON; the message names file and line.
    """
    files = sorted(p for p in inbox.glob("*") if p.suffix in {".jsonl", ".csv"} and not p.name.startswith("."))
    return _rows(stamp(files))


@lru_cache(maxsize=2)
def _rows(files: tuple[tuple[str, int, int], ...]) -> tuple[Row, ...]:
    return tuple(row for name, _, _ in files for row in (_csv(Path(name)) if name.endswith(".csv") else _jsonl(Path(name))))


def _jsonl(path: Path) -> Iterable[Row]:
    for number, line in enumerate(path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        if line.strip():
            try:
                fields = orjson.loads(line)
            except orjson.JSONDecodeError:
                fields = None
            if not isinstance(fields, dict):
                raise SourceError(f"labels/ratings: {path.name} line {number} is no JSON object; mend or remove the line")
            yield path.name, number, fields


def _csv(path: Path) -> Iterable[Row]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"labels/ratings: {path.name} is not UTF-8; save it as CSV UTF-8") from None
    reader = csv.DictReader(StringIO(text, newline=""))
    for fields in reader:
        if None in fields or None in fields.values():
            raise SourceError(f"labels/ratings: {path.name} line {reader.line_num} has another number of cells than the header; mend the line")
        yield path.name, reader.line_num, {**fields, "rated_at": _with_zone(fields.get("rated_at"))}


def _with_zone(text: str | None) -> Any:
    """Spreadsheets drop the zone of a time: theirs is read as UTC."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return text
    return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}+00:00"
