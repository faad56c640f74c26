"""What an embedder does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Turns texts into unit vectors; `model_hash` and `precision` are stored with each vector."""

    model_hash: str
    precision: str

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Float32 array of shape (len(texts), dimensions), each row of length 1."""
        ...
