"""The catalogue of written partitions: the truth for skipping, lineage and doctor.

Kept in memory during a run and appended once at its end; the commit notes of the tables repeat every entry, so a crash
between the two is mended at the next opening.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from liveeval_assets.runtime.lake import Lake
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.spec import INTEGER, TEXT, TableSpec, col

PUBLISHED = "scorecards/scores"
"""A week is published once this table has it."""
PARTITIONS = TableSpec(
    stage="catalogue",
    name="partitions",
    grain="a written partition of a table",
    promise="The newest entry of a (table, week) describes what the table holds.",
    key=("sequence",),
    body=(
        col("table", TEXT, "Path of the table."),
        col("version", INTEGER, "Delta version of the commit.", between=(0, 1e12)),
        col("sequence", INTEGER, "Order of recording; the newest entry of a partition counts.", between=(0, 1e12)),
        col("content_hash", TEXT, "Hash of the partition's content."),
        col("n_rows", INTEGER, "Rows of the partition.", between=(0, 1e12)),
        col("run_id", TEXT, "Dagster run."),
        col("fingerprint", TEXT, "Hash of code, settings and inputs."),
        col("inputs", TEXT, "Content hash of each input, as JSON."),
        col("input_versions", TEXT, "Delta version of each input, as JSON."),
        col("warnings", TEXT, "Checks that failed without stopping the commit, with their mends, as JSON."),
    ),
    is_partitioned=False,
    is_append_only=True,
    may_be_empty=True,
)


_AS_JSON = ("inputs", "input_versions", "warnings")


@dataclass(frozen=True)
class Entry:
    """One written partition."""

    table: str
    week: date
    version: int
    content_hash: str
    n_rows: int
    run_id: str
    fingerprint: str
    inputs: Mapping[str, str]
    input_versions: Mapping[str, int]
    warnings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_damaged(self) -> bool:
        """Whether the partition was found to hold something else than was written."""
        return not self.content_hash

    def damaged(self) -> Entry:
        """The entry of the partition until it is written again."""
        return replace(self, content_hash="", fingerprint="")

    def note(self) -> dict[str, Any]:
        """What the commit repeats; the version is known only after it."""
        return {
            "table": self.table,
            "week": self.week.isoformat(),
            "content_hash": self.content_hash,
            "n_rows": self.n_rows,
            "run_id": self.run_id,
            "fingerprint": self.fingerprint,
            "inputs": dict(self.inputs),
            "input_versions": dict(self.input_versions),
            "warnings": dict(self.warnings),
        }

    @classmethod
    def of(cls, note: Mapping[str, Any], version: int) -> Entry:
        """Entry from a commit note and its version."""
        return cls(
            table=note["table"],
            week=date.fromisoformat(note["week"]),
            version=version,
            content_hash=note["content_hash"],
            n_rows=note["n_rows"],
            run_id=note["run_id"],
            fingerprint=note["fingerprint"],
            inputs=note["inputs"],
            input_versions=note["input_versions"],
            warnings=note["warnings"],
        )


class Catalogue:
    """Entries by (table, week), newest wins."""

    def __init__(self, lake: Lake, specs: Iterable[TableSpec]) -> None:
        self._lake = lake
        self._specs = {s.path: s for s in specs}
        self._entries: dict[tuple[str, date], Entry] = {}
        self._pending: list[Entry] = []
        self._sequence = 0
        self._load()

    def get(self, table: str, week: date) -> Entry | None:
        """Newest entry of a partition, or None if it was never written."""
        return self._entries.get((table, week))

    def weeks(self, table: str, upto: date | None = None) -> list[date]:
        """Written weeks of a table, oldest first."""
        return sorted(w for t, w in self._entries if t == table and (upto is None or w <= upto))

    def input_hash(self, table: str, weeks: Iterable[date]) -> str:
        """Hash of the content of several weeks of a table; a week that was never written counts as absent."""
        found = [(w, e.content_hash) for w in sorted(weeks) if (e := self.get(table, w)) and e.n_rows]
        return digest(table, *(f"{w}:{h}" for w, h in found))

    def record(self, entry: Entry) -> None:
        """Note a commit; `flush` makes it durable."""
        self._entries[entry.table, entry.week] = entry
        self._pending.append(entry)

    def flush(self) -> None:
        """Append what was recorded since the last flush."""
        if not self._pending:
            return
        rows = [
            {
                **(note := e.note()),
                **{name: json.dumps(note[name]) for name in _AS_JSON},
                "week": e.week,
                "version": e.version,
                "sequence": self._sequence + i,
            }
            for i, e in enumerate(self._pending)
        ]
        self._lake.write(PARTITIONS, self._pending[-1].week, PARTITIONS.rows(rows), {})
        self._sequence += len(rows)
        self._pending.clear()

    def _load(self) -> None:
        newest: dict[str, int] = {}
        rows = sorted(self._lake.read(PARTITIONS).to_pylist(), key=lambda r: r["sequence"])
        self._sequence = rows[-1]["sequence"] + 1 if rows else 0
        for row in rows:
            row["week"] = row["week"].isoformat()
            entry = Entry.of({**row, **{name: json.loads(row[name]) for name in _AS_JSON}}, row["version"])
            self._entries[entry.table, entry.week] = entry
            newest[entry.table] = max(entry.version, newest.get(entry.table, 0))
        self._mend(newest)

    def _mend(self, newest: Mapping[str, int]) -> None:
        """Take up commits that a crash kept from the catalogue."""
        for path, spec in self._specs.items():
            behind = self._lake.version(spec) - newest.get(path, 0)
            if behind > 0:
                for commit in reversed(self._lake.commits(spec, behind)):
                    if "content_hash" in commit.note and commit.version > newest.get(path, 0):
                        self.record(Entry.of(commit.note, commit.version))
