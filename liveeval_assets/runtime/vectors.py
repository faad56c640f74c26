"""Vectors that were computed once are kept in a file beside the call journal, by content hash."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from liveeval_assets.shared.embed import Embedder
from liveeval_assets.shared.hashing import digest

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_CHUNK = 500  # keys per query; SQLite bounds the number of variables
_TIMEOUT_SECONDS = 60.0


class CachedEmbedder:
    """An embedder that asks the inner one only for texts that it has not seen; holds hashes and vectors, never text."""

    def __init__(self, inner: Embedder, path: Path) -> None:
        self._inner = inner
        self._path = path
        self.model_hash = inner.model_hash
        self.precision = inner.precision

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (len(texts), dimensions)."""
        keys = [digest("vector", self.model_hash, self.precision, text) for text in texts]
        missing: dict[str, str] = {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            found = _load(connection, sorted(set(keys)))
            missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in found}
            if missing:
                made = self._inner.embed(list(missing.values())).astype("<f4")
                found.update(zip(missing, made, strict=True))
                with connection:
                    connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", [(k, v.tobytes()) for k, v in zip(missing, made, strict=True)])
        return np.stack([found[k] for k in keys]) if keys else np.zeros((0, 0), np.float32)


def _load(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608 (marks only)
        found.update((key, np.frombuffer(blob, "<f4")) for key, blob in rows)
    return found
