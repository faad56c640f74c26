"""Input records on their way into the lake: as they stood in their file, with our field names, or the reason why they were refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an input file.

    Attributes:
        file: path as shown to people, relative to the home where it lies inside.
        line: 1-based line or row.
        digest: hash of the raw record.
        value: the parsed object; None if refused.
        reason: why it was refused; None if it was not.
    """

    file: str
    line: int
    n_bytes: int
    digest: str
    value: dict[str, Any] | None
    reason: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Caps:
    """What hostile input is held by: bytes of a record and depth of nesting."""

    max_bytes: int = 1_000_000
    max_depth: int = 50


@dataclass(frozen=True, slots=True)
class Dated:
    """A record with our field names and its moment; `fields` is None where the reader refused it."""

    record: Record
    source: str
    fields: dict[str, Any] | None
    at: datetime | None
