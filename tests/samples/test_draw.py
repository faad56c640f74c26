"""The draw: its allocation, its probabilities, and the estimates that rest on them, over thousands of draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.samples import checks
from liveeval_assets.samples.assign import assign, repeats
from liveeval_assets.samples.draw import allocate, draw
from liveeval_assets.samples.embed import embed
from liveeval_assets.shared.errors import CheckFailed
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.samples.build import WEEK, TopicEmbedder, anonymised, anonymised_row

SPEC = TABLES["samples/drawn"]


@dataclass(frozen=True)
class World:
    """Assigned traffic with the true quality of every conversation."""

    assigned: pa.Table
    items: pa.Table
    quality: dict[str, float]

    @property
    def truth(self) -> float:
        return float(np.mean(list(self.quality.values())))


def _world(n: int = 600, repeats: int = 2, heavy: int = 3) -> World:
    """Four strata of unequal size; heavy users come several times a day and are served worse, and so are repeated questions."""
    rng = np.random.default_rng(11)
    rows: list[dict[str, Any]] = []
    quality: dict[str, float] = {}
    strata: dict[str, str] = {}
    for i in range(n):
        is_heavy, is_repeated = i % 4 == 0, i % 5 == 0
        user = digest("heavy", (i // 4) // heavy) if is_heavy else digest("user", i)
        question = f"same question {(i // 5) // repeats}" if is_repeated else f"question {i}"
        row = anonymised_row(i, question, user_key=user, started_at=datetime(2026, 6, 1, 9, tzinfo=UTC) + timedelta(seconds=i))
        stratum = int(rng.choice(4, p=[0.55, 0.25, 0.15, 0.05])) if not is_repeated else 0
        quality[row["conversation_id"]] = 0.75 - 0.1 * stratum - 0.35 * is_heavy - 0.2 * is_repeated + 0.1 * rng.random()
        strata[row["conversation_id"]] = f"s{stratum}"
        rows.append(row)
    items = anonymised(rows)
    return World(_assigned(items, strata, 0), items, quality)


def _assigned(items: pa.Table, strata: dict[str, str], seed: int) -> pa.Table:
    """samples/assigned with the true strata; repeats are found by the code under test."""
    representative, multiplicity = repeats(items, seed)
    columns = {
        "week": items.column("week"),
        "conversation_id": items.column("conversation_id"),
        "item_id": items.column("item_id"),
        "stratum_id": pa.array([strata[c] for c in items.column("conversation_id").to_pylist()]),
        "distance": pa.array([0.1] * items.num_rows),
        "is_far": pa.array([False] * items.num_rows),
        "representative_id": pa.array(representative),
        "multiplicity": pa.array(multiplicity),
        "release_id": items.column("release_id"),
        "user_key": items.column("user_key"),
    }
    return pa.table(columns, schema=TABLES["samples/assigned"].schema)


@pytest.fixture(scope="module")
def world() -> World:
    return _world()


def _draws(world: World, n_draws: int, n_items: int = 200) -> dict[str, np.ndarray]:
    """Estimates of the mean quality per draw: Horvitz-Thompson, post-stratified, and with 1/m left out."""
    strata = dict(zip(world.assigned.column("conversation_id").to_pylist(), world.assigned.column("stratum_id").to_pylist(), strict=True))
    n = world.items.num_rows
    found: dict[str, list[float]] = {"ht": [], "post": [], "no_m": [], "se": []}
    for seed in range(n_draws):
        drawn = draw(_assigned(world.items, strata, seed), world.items, n_items, 4, seed, WEEK)
        get = {c: drawn.column(c).to_numpy() for c in ("multiplicity", "probability", "weight", "user_day_probability", "population_h", "sample_h")}
        y = np.array([world.quality[c] for c in drawn.column("conversation_id").to_pylist()])
        raw = get["multiplicity"] / get["probability"]
        found["ht"].append(float((raw * y).sum() / n))
        found["post"].append(float((get["weight"] * y).sum() / get["weight"].sum()))
        without = raw * get["user_day_probability"]
        found["no_m"].append(float((without * y).sum() / without.sum()))
        found["se"].append(_standard_error(drawn, y))
    return {name: np.array(values) for name, values in found.items()}


def _standard_error(drawn: pa.Table, y: np.ndarray) -> float:
    """Linearised standard error of the post-stratified mean, strata independent."""
    weight, stratum = drawn.column("weight").to_numpy(), np.array(drawn.column("stratum_id").to_pylist())
    variance = 0.0
    for h in set(stratum):
        w, v = weight[stratum == h], y[stratum == h]
        n = len(w)
        score = w * (v - (w * v).sum() / w.sum())
        variance += n / max(n - 1, 1) * (score**2).sum()
    return float(np.sqrt(variance) / weight.sum())


def test_the_weighted_mean_is_unbiased_and_its_interval_covers(world: World) -> None:
    found = _draws(world, 200)
    _assert_unbiased(found, world, n_sigma=3.5)
    covered = np.mean(np.abs(found["post"] - world.truth) <= 1.96 * found["se"])
    assert 0.89 <= covered <= 0.99


@pytest.mark.proof
def test_two_thousand_draws(world: World) -> None:
    found = _draws(world, 2_000)
    _assert_unbiased(found, world, n_sigma=3.0)
    assert 0.92 <= np.mean(np.abs(found["post"] - world.truth) <= 1.96 * found["se"]) <= 0.98


def _assert_unbiased(found: dict[str, np.ndarray], world: World, n_sigma: float) -> None:
    error = found["ht"].std() / np.sqrt(len(found["ht"]))
    assert abs(found["ht"].mean() - world.truth) <= n_sigma * error
    # post-stratification is a ratio estimator: biased by O(1/n), here under half a point
    assert abs(found["post"].mean() - world.truth) <= 0.005
    # heavy users are served worse: leaving out 1/m flatters
    assert found["no_m"].mean() - world.truth > 0.02


def test_rows_are_as_declared_and_pass_the_checks(world: World) -> None:
    drawn = draw(world.assigned, world.items, 60, 4, 1, WEEK)
    assert violations(SPEC, SPEC.conform(drawn)) == {}
    tables = {"samples/drawn": drawn, "samples/assigned": world.assigned, "samples/anonymised": world.items}
    assert all(check.run(tables).passed for check in checks.DRAWN)
    assert drawn.num_rows == 60


def test_the_order_of_rows_changes_nothing(world: World) -> None:
    order = pa.array(np.random.default_rng(5).permutation(world.items.num_rows))
    assert draw(world.assigned.take(order), world.items.take(order), 60, 4, 1, WEEK).equals(draw(world.assigned, world.items, 60, 4, 1, WEEK))


def test_a_larger_draw_holds_the_smaller_one(world: World) -> None:
    small, large = (set(draw(world.assigned, world.items, n, 4, 1, WEEK).column("item_id").to_pylist()) for n in (40, 80))
    assert small <= large


def test_another_seed_draws_others(world: World) -> None:
    one, two = (draw(world.assigned, world.items, 60, 4, seed, WEEK).column("item_id").to_pylist() for seed in (1, 2))
    assert set(one) != set(two)


def test_weights_sum_to_all_traffic_even_where_a_stratum_has_no_item() -> None:
    rows = [anonymised_row(i, f"q {i}", read_probability=0.5) for i in range(30)]
    items = anonymised(rows)
    drawn = draw(_assigned(items, {r["conversation_id"]: f"s{i % 6}" for i, r in enumerate(rows)}, 1), items, 3, 4, 1, WEEK)
    assert drawn.num_rows == 3
    assert sum(drawn.column("weight").to_pylist()) == pytest.approx(60)


def test_the_checks_notice_a_wrong_weight_and_a_second_conversation_of_a_day(world: World) -> None:
    drawn = draw(world.assigned, world.items, 60, 4, 1, WEEK)
    doubled = drawn.set_column(drawn.schema.get_field_index("weight"), "weight", pa.array([2 * w for w in drawn.column("weight").to_pylist()]))
    tables = {"samples/assigned": world.assigned, "samples/anonymised": world.items}
    weights, days = checks.DRAWN
    assert not weights.run({**tables, "samples/drawn": doubled}).passed
    assert not days.run({**tables, "samples/drawn": pa.concat_tables([drawn, drawn.slice(0, 1)])}).passed


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 5_000), min_size=1, max_size=20), st.integers(0, 400), st.integers(0, 20))
def test_allocation_sums_up_within_its_bounds(sizes: dict[str, int], n: int, floor: int) -> None:
    found = allocate(sizes, n, floor)
    assert sum(found.values()) == min(n, sum(sizes.values()))
    assert all(0 <= found[h] <= sizes[h] for h in sizes)
    if n >= floor * len(sizes):
        assert all(found[h] >= min(floor, sizes[h]) for h in sizes)


def test_allocation_follows_the_square_root() -> None:
    assert allocate({"a": 1_600, "b": 400, "c": 100}, 70, 1) == {"a": 40, "b": 20, "c": 10}
    assert allocate({"a": 100_000, "b": 3, "c": 9}, 60, 4) == {"a": 53, "b": 3, "c": 4}


def test_repeats_are_represented_once_and_counted_fully() -> None:
    rows = [
        anonymised_row(1, "Where is my parcel?"),
        anonymised_row(2, "where is my PARCEL"),
        anonymised_row(3, "where is my parcel!!", release_id="r2"),
        anonymised_row(4, "where is my parcel", history=[{"role": "user", "text": "hello", "tool_calls": None}]),
        anonymised_row(5, "another question"),
    ]
    representative, multiplicity = repeats(anonymised(rows), 1)
    assert sorted(multiplicity[:2].tolist()) == [0, 2]
    assert multiplicity[2:].tolist() == [1, 1, 1]
    assert representative[0] == representative[1]


def test_assign_needs_strata() -> None:
    items = anonymised([anonymised_row(1, "refund please now thanks all")])
    with pytest.raises(CheckFailed, match="no strata"):
        assign(embed(items, TopicEmbedder()), items, TABLES["samples/strata"].empty(), 1)
