"""Input records on their way into the lake: what stands in a file, where it stands, and why it was refused if it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Caps:
    """What hostile input is held by: bytes of a record, depth of nesting, bytes that a packed file unfolds to."""

    max_bytes: int = 1_000_000
    max_depth: int = 50
    max_unpacked_bytes: int = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a reader found it.

    Attributes:
        file: path as shown to people, relative to the home where it lies inside.
        line: 1-based line (JSON lines, CSV) or row (Parquet).
        digest: hash of the content, whatever the order of keys; of the raw bytes if they cannot be read.
        value: the parsed object; None if refused.
        reason: why it was refused; None if it was not.
        field: field at fault, where one is.
    """

    file: str
    line: int
    n_bytes: int
    digest: str
    value: dict[str, Any] | None
    reason: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a record stands and what is known of it without its text; small, so that a whole source fits in memory.

    Attributes:
        source: name of the source in the settings.
        id: the source's own id as text; None if there is none.
        at: its moment, UTC; None if there is none that can be trusted.
        part: which of several records of one line it is, from 0.
        n_records: input records that are folded into it: spans of a conversation, else 1.
    """

    source: str
    file: str
    line: int
    n_bytes: int
    digest: str
    id: str | None = None
    at: datetime | None = None
    reason: str | None = None
    field: str | None = None
    part: int = 0
    n_records: int = 1

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and part."""
        return self.file, self.line, self.part


@dataclass(frozen=True, slots=True)
class Entry:
    """A spot with the record's fields under our names; `fields` is None where the reader refused it."""

    spot: Spot
    fields: dict[str, Any] | None
