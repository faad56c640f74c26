"""Every conversation of the week goes to its nearest stratum; exact repeats are represented by one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from liveeval_assets.samples.clusters import nearest
from liveeval_assets.samples.embed import to_matrix
from liveeval_assets.shared.errors import CheckFailed
from liveeval_assets.shared.hashing import digest, uniforms
from liveeval_assets.tables import TABLES

_NOT_WORD = re.compile(r"[\W_]+")


def assign(embedded: pa.Table, anonymised: pa.Table, strata: pa.Table, seed: int) -> pa.Table:
    """Rows of samples/assigned.

    Args:
        embedded: vectors of one week.
        anonymised: the same conversations.
        strata: every stratum born up to that week.
        seed: seed of every hash.
    """
    spec = TABLES["samples/assigned"]
    if not anonymised.num_rows:
        return spec.empty()
    if not strata.num_rows:
        raise CheckFailed("samples/assigned: there are no strata yet; refresh samples/strata first")
    items = anonymised.sort_by("conversation_id")
    vectors = to_matrix(embedded.sort_by("conversation_id").column("vector"))
    strata = strata.sort_by("stratum_id")
    index, distance = nearest(vectors, to_matrix(strata.column("centroid")))
    representative, multiplicity = repeats(items, seed)
    columns = {
        "week": items.column("week"),
        "conversation_id": items.column("conversation_id"),
        "item_id": items.column("item_id"),
        "stratum_id": strata.column("stratum_id").combine_chunks().take(pa.array(index)),
        "distance": pa.array(distance, pa.float64()),
        "is_far": pa.array(distance > strata.column("radius").to_numpy()[index]),
        "representative_id": pa.array(representative, pa.string()),
        "multiplicity": pa.array(multiplicity, pa.int64()),
        "release_id": items.column("release_id"),
        "user_key": items.column("user_key"),
    }
    return pa.table(columns, schema=spec.schema)


def repeats(items: pa.Table, seed: int) -> tuple[list[str], np.ndarray]:
    """Representative of each row and how many conversations it stands for (0: another one stands for it).

    Rows repeat each other if the same release was asked the same thing after the same history, apart from case and
    punctuation. The smallest hash represents them, so that each is equally likely to.
    """
    ids = items.column("conversation_id").to_pylist()
    keys = [
        _key(release, history or (), question)
        for release, history, question in zip(
            items.column("release_id").to_pylist(), items.column("history").to_pylist(), items.column("question").to_pylist(), strict=True
        )
    ]
    best: dict[str, tuple[float, str]] = {}
    size: dict[str, int] = {}
    for key, rank, conversation in zip(keys, uniforms(seed, "representative", ids), ids, strict=True):
        best[key] = min(best.get(key, (2.0, "")), (float(rank), conversation))
        size[key] = size.get(key, 0) + 1
    representative = [best[key][1] for key in keys]
    multiplicity = np.array([size[key] if r == c else 0 for key, r, c in zip(keys, representative, ids, strict=True)], dtype=np.int64)
    return representative, multiplicity


def _key(release: str, history: Sequence[Mapping[str, str | None]], question: str) -> str:
    texts = [f"{m['role']}:{_plain(m['text'] or '')}" for m in history if m["role"] in ("user", "assistant")]
    return digest("repeat", release, *texts, _plain(question))


def _plain(text: str) -> str:
    return _NOT_WORD.sub(" ", text.casefold()).strip()
