"""What is embedded of an item, and its vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from liveeval_assets.shared.embed import Embedder
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.spec import VECTOR
from liveeval_assets.tables import TABLES

_SHORT_WORDS = 5  # a question with fewer words ("and the second one?") says its topic only with the turn before
_MAX_CHARACTERS = 2_000


def embedded_text(history: Sequence[Mapping[str, str | None]], question: str) -> str:
    """The question; a very short one with the user's turn before it."""
    if len(question.split()) >= _SHORT_WORDS:
        return question[:_MAX_CHARACTERS]
    before = next((m["text"] for m in reversed(history) if m["role"] == "user" and m["text"]), "")
    return f"{before} {question}".strip()[:_MAX_CHARACTERS]


def texts_to_embed(items: pa.Table) -> list[str]:
    """`embedded_text` of every row of a table with history and question."""
    return [embedded_text(h or (), q) for h, q in zip(items.column("history").to_pylist(), items.column("question").to_pylist(), strict=True)]


def embed(anonymised: pa.Table, embedder: Embedder) -> pa.Table:
    """Rows of samples/embedded, one per row of samples/anonymised."""
    items = anonymised.sort_by("conversation_id")
    texts = texts_to_embed(items)
    n = len(texts)
    spec = TABLES["samples/embedded"]
    return pa.table(
        {
            "week": items.column("week"),
            "conversation_id": items.column("conversation_id"),
            "text_hash": pa.array([digest("text", t) for t in texts], pa.string()),
            "vector": to_vectors(embedder.embed(texts)),
            "model_hash": pa.array([embedder.model_hash] * n, pa.string()),
            "precision": pa.array([embedder.precision] * n, pa.string()),
        },
        schema=spec.schema,
    )


def to_vectors(matrix: np.ndarray) -> pa.Array:
    """An Arrow list column from a float matrix of shape (n, dimensions)."""
    n, dimensions = matrix.shape
    offsets = np.arange(n + 1, dtype=np.int32) * dimensions
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(matrix, np.float32).ravel())).cast(VECTOR)


def to_matrix(column: pa.ChunkedArray) -> np.ndarray:
    """The float32 matrix of a vector column, shape (rows, dimensions)."""
    if not len(column):
        return np.zeros((0, 0), np.float32)
    flat = pa.concat_arrays([c.flatten() for c in column.chunks])
    return np.asarray(flat, np.float32).reshape(len(column), -1)
