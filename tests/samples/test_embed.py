"""What is embedded, vectors in tables, and vectors that are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from liveeval_assets.runtime.vectors import CachedEmbedder
from liveeval_assets.samples import checks
from liveeval_assets.samples.embed import embed, embedded_text, to_matrix, to_vectors
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.samples.build import TopicEmbedder, anonymised, anonymised_row, message


def test_a_short_question_takes_the_turn_before_it() -> None:
    history = [message("user", "my router blinks"), message("assistant", "restart it")]
    assert embedded_text(history, "and the second one?") == "my router blinks and the second one?"
    assert embedded_text(history, "how do I change my billing address") == "how do I change my billing address"
    assert embedded_text([], "hello") == "hello"


def test_vectors_survive_the_table() -> None:
    matrix = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    rows = anonymised([anonymised_row(i, "refund please for this order") for i in range(5)])
    table = rows.select(["conversation_id"]).append_column("vector", to_vectors(matrix))
    assert np.array_equal(to_matrix(table.slice(2, 3).column("vector")), matrix[2:])


def test_rows_are_as_declared_whatever_their_order() -> None:
    items = anonymised([anonymised_row(i, f"refund please for order thing{i}") for i in range(20)])
    found = embed(items, TopicEmbedder())
    assert violations(TABLES["samples/embedded"], found) == {}
    assert embed(items.take(list(range(19, -1, -1))), TopicEmbedder()).equals(found)
    tables = {"samples/embedded": found, "samples/anonymised": items}
    assert all(check.run(tables).passed for check in checks.EMBEDDED)
    assert not checks.EMBEDDED[0].run({**tables, "samples/embedded": found.slice(1)}).passed


def test_a_vector_is_computed_once(tmp_path: Path) -> None:
    inner = TopicEmbedder()
    texts = [f"topic{i % 3} text {i}" for i in range(1_100)]
    first = CachedEmbedder(inner, tmp_path / "deep" / "vectors.sqlite").embed(texts)
    again = CachedEmbedder(inner, tmp_path / "deep" / "vectors.sqlite").embed([*texts[::-1], "new text", "new text"])
    assert inner.n_texts == 1_101
    assert np.array_equal(again[:1_100], first[::-1])
    assert np.array_equal(first, inner.embed(texts))


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    one, two = TopicEmbedder(), TopicEmbedder(spread=0.5)
    two.model_hash = "another"
    path = tmp_path / "vectors.sqlite"
    assert not np.array_equal(CachedEmbedder(one, path).embed(["a b"]), CachedEmbedder(two, path).embed(["a b"]))


def test_the_cache_holds_no_text(tmp_path: Path) -> None:
    CachedEmbedder(TopicEmbedder(), tmp_path / "vectors.sqlite").embed(["a needle in the text"])
    assert all(b"needle" not in p.read_bytes() for p in tmp_path.iterdir())
