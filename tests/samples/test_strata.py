"""Strata on traffic of known topics: found, frozen, and born when a topic appears."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.samples.assign import assign
from liveeval_assets.samples.clusters import nearest, radii, spherical_kmeans
from liveeval_assets.samples.embed import embed, to_matrix
from liveeval_assets.samples.strata import born
from liveeval_assets.tables import TABLES
from tests.samples.build import WEEK, TopicEmbedder, anonymised, anonymised_row

TOPICS = ("refund", "parcel", "router", "hotel")
EMPTY = TABLES["samples/strata"].empty()
NEXT, THIRD = WEEK + timedelta(days=7), WEEK + timedelta(days=14)


def _week(week: date, counts: Mapping[str, int], spread: float = 0.25) -> tuple[pa.Table, pa.Table]:
    """(embedded, anonymised) of a week with so many questions per topic."""
    rows = [
        anonymised_row(i * 1_000 + n + 100_000 * week.toordinal(), f"{topic} question about {topic} thing{n}", week=week)
        for i, (topic, many) in enumerate(counts.items())
        for n in range(many)
    ]
    items = anonymised(rows)
    return embed(items, TopicEmbedder(spread)), items


def _born(weeks: list[tuple[pa.Table, pa.Table]], past: pa.Table, week: date) -> pa.Table:
    return born(pa.concat_tables([e for e, _ in weeks]), pa.concat_tables([a for _, a in weeks]), past, 4, 0.03, week)


@pytest.fixture(scope="module")
def first() -> tuple[pa.Table, pa.Table]:
    return _week(WEEK, dict.fromkeys(TOPICS, 60))


@pytest.fixture(scope="module")
def strata(first: tuple[pa.Table, pa.Table]) -> pa.Table:
    return _born([first], EMPTY, WEEK)


def test_topics_become_strata_named_after_their_words(first: tuple[pa.Table, pa.Table], strata: pa.Table) -> None:
    embedded, items = first
    where = assign(embedded, items, strata, 1)
    topic = {r["conversation_id"]: r["question"].split()[0] for r in items.to_pylist()}
    pairs = Counter((topic[r["conversation_id"]], r["stratum_id"]) for r in where.to_pylist())
    assert len(pairs) == 4
    assert sorted(n.split()[0] for n in strata.column("name").to_pylist()) == sorted(TOPICS)
    assert strata.column("stratum_id").to_pylist() == ["s1-00", "s1-01", "s1-02", "s1-03"]


def test_the_fit_does_not_depend_on_the_order_of_rows(first: tuple[pa.Table, pa.Table], strata: pa.Table) -> None:
    embedded, items = first
    order = pa.array(np.random.default_rng(3).permutation(items.num_rows))
    assert _born([(embedded.take(order), items.take(order))], EMPTY, WEEK).equals(strata)


def test_few_items_of_the_same_topics_are_far(strata: pa.Table) -> None:
    embedded, items = _week(NEXT, dict.fromkeys(TOPICS, 200))
    far = assign(embedded, items, strata, 1).column("is_far").to_numpy(zero_copy_only=False).mean()
    assert far < 0.03
    assert _born([_week(WEEK, dict.fromkeys(TOPICS, 60)), (embedded, items)], strata, NEXT).num_rows == 0


def test_a_small_new_topic_is_born_in_its_second_week(first: tuple[pa.Table, pa.Table], strata: pa.Table) -> None:
    second, third = (_week(w, {**dict.fromkeys(TOPICS, 60), "solar": 10}) for w in (NEXT, THIRD))
    assert _born([first, second], strata, NEXT).num_rows == 0
    found = _born([first, second, third], strata, THIRD)
    assert found.column("stratum_id").to_pylist() == ["s1-260615-00"]
    assert found.column("name")[0].as_py().startswith("solar")
    assert found.column("parent_id")[0].as_py() in strata.column("stratum_id").to_pylist()
    assert found.column("week").to_pylist() == [THIRD]
    where = assign(*third, pa.concat_tables([strata, found]), 1)
    of_solar = {r["conversation_id"] for r in third[1].to_pylist() if r["question"].startswith("solar")}
    assert {r["stratum_id"] for r in where.to_pylist() if r["conversation_id"] in of_solar} == {"s1-260615-00"}


def test_a_large_new_topic_is_born_at_once(first: tuple[pa.Table, pa.Table], strata: pa.Table) -> None:
    assert _born([first, _week(NEXT, {**dict.fromkeys(TOPICS, 60), "solar": 40})], strata, NEXT).num_rows == 1


def test_scattered_far_questions_give_birth_to_nothing(first: tuple[pa.Table, pa.Table], strata: pa.Table) -> None:
    odd = {f"oddity{i}": 1 for i in range(30)}
    weeks = [first, _week(NEXT, {**dict.fromkeys(TOPICS, 60), **odd}), _week(THIRD, {**dict.fromkeys(TOPICS, 60), **odd})]
    assert _born(weeks, strata, THIRD).num_rows == 0


def test_a_tiny_first_week_has_one_stratum() -> None:
    assert _born([_week(WEEK, {"refund": 2, "parcel": 1})], EMPTY, WEEK).num_rows == 1


def test_a_name_never_holds_a_word_of_few_users() -> None:
    rows = [anonymised_row(i, "refund of zweibrueckenlamp" if i == 7 else "refund question please", week=WEEK) for i in range(40)]
    items = anonymised(rows)
    found = born(embed(items, TopicEmbedder()), items, EMPTY, 2, 0.03, WEEK)
    assert "zwei" not in " ".join(found.column("name").to_pylist())


def test_radii_of_small_clusters_lean_on_the_pooled_one() -> None:
    rng = np.random.default_rng(0)
    distances = np.r_[rng.gamma(20, 0.01, 3_000), rng.gamma(20, 0.01, 12)]
    labels = np.r_[np.zeros(3_000, int), np.ones(12, int)]
    large, small = radii(labels, distances, 2)
    truth = np.quantile(rng.gamma(20, 0.01, 200_000), 0.99)
    assert large == pytest.approx(truth, rel=0.05)
    assert small == pytest.approx(truth, rel=0.25)


def test_centroids_have_length_one(first: tuple[pa.Table, pa.Table]) -> None:
    vectors = to_matrix(first[0].column("vector"))
    centroids = spherical_kmeans(vectors, 4)
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-6)
    index, distance = nearest(vectors, centroids)
    assert np.allclose(distance, 1 - (vectors @ centroids.T).max(1), atol=1e-6)
    assert set(index) == {0, 1, 2, 3}
