"""Small tables for tests of the stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

WEEK = date(2026, 6, 1)
LAYERS = ("known_entities", "patterns", "allow_list")


def message(role: str, text: str | None, tool_calls: str | None = None) -> dict[str, str | None]:
    """One message."""
    return {"role": role, "text": text, "tool_calls": tool_calls}


def conversation(number: int, messages: Sequence[dict[str, str | None]], known: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A row of traces/conversations."""
    start = datetime(2026, 6, 1, 9, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "week": WEEK,
        "conversation_id": digest("conversation", number),
        "source": "test",
        "release_id": "r1",
        "user_key": digest("user", number),
        "started_at": start,
        "ended_at": start,
        "messages": list(messages),
        "known_entities": list(known),
        "n_records": 1,
        "read_probability": 1.0,
        "attributes": "{}",
        **more,
    }


def conversations(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """traces/conversations."""
    return TABLES["traces/conversations"].rows(rows)


def anonymised_row(number: int, question: str, **more: Any) -> dict[str, Any]:
    """A row of samples/anonymised."""
    return {
        "week": WEEK,
        "conversation_id": digest("conversation", number),
        "item_id": digest("item", number),
        "release_id": "r1",
        "user_key": digest("user", number),
        "started_at": datetime(2026, 6, 1, 9, tzinfo=UTC),
        "turn_index": 0,
        "turn_probability": 1.0,
        "history": [],
        "question": question,
        "answer": "an answer",
        "detector_profile": "test",
        "n_masked": 0,
        "read_probability": 1.0,
        "phase1_probability": 1.0,
        "n_characters": 10,
        **more,
    }


def anonymised(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """samples/anonymised."""
    return TABLES["samples/anonymised"].rows(rows)


class TopicEmbedder:
    """Puts every text near the direction of its first word: clusters of known truth without a model."""

    model_hash = "topics"
    precision = "fp32"

    def __init__(self, spread: float = 0.25, dimensions: int = 48) -> None:
        self.spread, self.dimensions, self.n_texts = spread, dimensions, 0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (len(texts), dimensions)."""
        self.n_texts += len(texts)
        return np.stack([self._one(t) for t in texts]) if texts else np.zeros((0, self.dimensions), np.float32)

    def _one(self, text: str) -> np.ndarray:
        centre = _normal(text.split(maxsplit=1)[0] if text.split() else "", self.dimensions)
        noise = _normal("noise " + text, self.dimensions)
        width = self.spread * (0.5 + int(digest("width", text)[:8], 16) / 2**32)
        vector = centre / np.linalg.norm(centre) + width * noise / np.linalg.norm(noise)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def _normal(text: str, n: int) -> np.ndarray:
    return np.random.default_rng(int(digest(text)[:8], 16)).normal(size=n)
