"""The write-ahead journal: every finished call, the moment it is finished, so that it is bought once."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import LakeError
from liveeval_assets.tables import TABLES

Record = dict[str, Any]
_CHUNK = 500
_BUSY_MS = 10_000
_CALLS = TABLES["verdicts/calls"]
# what a call in the lake says beyond the facts of the call
_SETTLED = ("verdict", "defect_class", "evidence_verified")


class Journal:
    """Finished calls by `call_id`, in one SQLite file in WAL mode.

    A commit returns after the write reached the operating system, so a killed process loses no call that it had
    acknowledged. Several processes may share the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID")
        except (sqlite3.Error, OSError) as error:
            raise self._damaged(error) from None

    @property
    def n_calls(self) -> int:
        """Calls that it holds; none if it is new, or was lost."""
        with self._lock:
            try:
                return int(self._db.execute("SELECT count(*) FROM calls").fetchone()[0])
            except sqlite3.Error as error:
                raise self._damaged(error) from None

    def get(self, call_ids: Sequence[str]) -> dict[str, Record]:
        """Records of those ids that are finished."""
        found: dict[str, Record] = {}
        with self._lock:
            for start in range(0, len(call_ids), _CHUNK):
                some = call_ids[start : start + _CHUNK]
                marks = ",".join("?" * len(some))
                try:
                    rows = self._db.execute(f"SELECT call_id, record FROM calls WHERE call_id IN ({marks})", list(some))  # noqa: S608 - only question marks
                    found.update((call_id, orjson.loads(record)) for call_id, record in rows)
                except (sqlite3.Error, orjson.JSONDecodeError) as error:
                    raise self._damaged(error) from None
        return found

    def put(self, call_id: str, record: Mapping[str, Any]) -> None:
        """Keep a finished call; durable against a kill when this returns."""
        self.put_all([(call_id, record)])

    def put_all(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Keep finished calls in one transaction."""
        rows = [(call_id, orjson.dumps(record)) for call_id, record in records]
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT OR REPLACE INTO calls VALUES (?, ?)", rows)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._damaged(error) from None

    def close(self) -> None:
        """Close the connection; every `put` is kept without it."""
        with self._lock:
            self._db.close()

    def _damaged(self, error: Exception) -> LakeError:
        return LakeError(
            f"{self.path} cannot be used ({type(error).__name__}); free the disk or move the file away: judgements in verdicts/calls are not bought again"
        )


def open_journal(home: Home) -> Journal:
    """The home's journal; a lost one is filled from the lake, so that no judgement is bought again."""
    journal = Journal(home.journal)
    if not journal.n_calls and (home.path / "data_lake").exists():
        rows = home.lake.read(_CALLS).to_pylist()
        journal.put_all((row["call_id"], _seed(row)) for row in rows if row["status"] != "api_error")
    return journal


def _seed(row: Mapping[str, Any]) -> Record:
    """A call of the lake as the journal keeps it; its value is what was settled then. A release's text is not in that table."""
    settled = {k: row[k] for k in _SETTLED} if row["status"] == "ok" and row["role"] != "release" else None
    return {**{k: v for k, v in row.items() if k not in {"call_id", "week", *_SETTLED}}, "value": settled}
