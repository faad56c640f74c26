"""CSV: a header, then rows of bounded length; an empty cell is null."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from typing import IO

from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.jsonl import content_digest, raw_digest, skip_line


class _Overlong(Exception):
    """A line of more bytes than the cap; it ends one row, not the reading."""


class _Lines:
    """Decoded lines of a file and their count; one of more bytes than the cap is passed over, not held."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file, self._limit, self.number = file, limit, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(self._limit + 2)
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) > self._limit + 1 or (len(raw) > self._limit and not raw.endswith(b"\n")):
            if not raw.endswith(b"\n"):
                skip_line(self._file)
            raise _Overlong
        return raw.decode("utf-8-sig" if self.number == 1 else "utf-8", errors="surrogateescape")


def read_csv(file: IO[bytes], name: str, caps: Caps, only: Collection[int] | None = None) -> Iterator[Record]:
    """Yield every row under its first line's number; never raises for what a row holds.

    Args:
        only: line numbers that are wanted; None wants all.
    """
    csv.field_size_limit(caps.max_bytes)
    lines = _Lines(file, caps.max_bytes)
    reader = csv.reader(lines)
    header: list[str] | None = None
    while True:
        number = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Overlong):
            if only is None or number in only:
                yield Record(name, number, caps.max_bytes, raw_digest(f"{name}:{number}".encode()), None, "too_long")
            continue
        if header is None:
            header = cells
        elif cells and (only is None or number in only):
            yield _row(header, cells, name, number, caps)


def _row(header: list[str], cells: list[str], name: str, number: int, caps: Caps) -> Record:
    raw = "\x1f".join(cells).encode("utf-8", "surrogateescape")
    reason = _fault(header, cells, raw, caps)
    if reason:
        return Record(name, number, len(raw), raw_digest(raw), None, reason)
    value = {column: cell or None for column, cell in zip(header, cells, strict=True)}
    return Record(name, number, len(raw), content_digest(value), value)


def _fault(header: list[str], cells: list[str], raw: bytes, caps: Caps) -> str | None:
    if len(raw) > caps.max_bytes:
        return "too_long"
    if len(cells) != len(header):
        return "missing_field"
    if len(set(header)) != len(header) or b"\0" in raw:
        return "bad_value"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "not_utf8"
    return None
