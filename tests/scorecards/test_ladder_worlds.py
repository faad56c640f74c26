"""The ladder on small worlds of known truth, and what must not change it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liveeval_assets.scorecards.ladder import STEPS
from tests.worlds.ladder import ITEM_SCORES, K, Size, draw_world, sample, truth
from tests.worlds.mutations import ignoring_probability, ignoring_raters, replaced, unlabelled
from tests.worlds.tally import COMPONENTS, Tally, failing_cells, gap_of, many_worlds

SMALL = Size(items=300, traces=1500)
TINY = Size(items=150, traces=400, label_rate=0.5)
NEEDS_LABELS = {"verbosity", "self_pref", "false_pass", "false_fail", "contamination", "mix", "within", "uncovered", "construct"}


def lines(table: pa.Table) -> dict[tuple[str, str], dict[str, object]]:
    return {(row["form"], row["component"]): row for row in table.to_pylist()}


def points(table: pa.Table) -> dict[tuple[str, str], float]:
    return {key: row["estimate"] for key, row in lines(table).items() if row["is_identified"]}


def assert_identity(found: pa.Table) -> None:
    rows = lines(found)
    for form in {form for form, _ in rows}:
        parts = [rows[form, name]["estimate"] or 0.0 for name, _, _ in STEPS] + [rows[form, "not_identified"]["estimate"]]
        assert abs(sum(parts) - rows[form, "gap"]["estimate"]) < 1e-9


@pytest.fixture(scope="module")
def units() -> pa.Table:
    return sample(draw_world(3), 3, TINY)


@pytest.fixture(scope="module")
def quick() -> dict[tuple[str, str], Tally]:
    return many_worlds(range(40), size=SMALL, replicates=60)


def test_truth_adds_up_and_is_what_the_world_plants() -> None:
    world = draw_world(5)
    found = truth(world, "r3")
    assert sum(v for k, v in found.items() if k != "gap") == pytest.approx(found["gap"], abs=1e-12)
    assert found["position"] == pytest.approx(world.bP, abs=1e-3)
    assert found["self_pref"] == pytest.approx(world.bF, abs=2e-3)
    assert truth(world, "r1")["self_pref"] == 0
    plain = truth(draw_world(5, "null"), "r3")
    zeros = set(COMPONENTS) - {"false_pass", "false_fail", "gap"}
    assert all(abs(plain[name]) < 1e-3 for name in zeros)


def test_truth_agrees_with_a_large_sample() -> None:
    """The sums over the grid and the sampler tell the same world."""
    world = draw_world(6)
    size = Size(items=25_000, traces=100_000, with_traffic=("r3",))
    table = sample(world, 6, size)
    mine = table.filter(pc.equal(table["release_id"], "r3"))
    frozen = mine.filter(pc.equal(mine["population"], "frozen"))
    traffic = mine.filter(pc.and_(pc.equal(mine["population"], "traffic"), pc.equal(mine["observed"], 1.0)))
    found = truth(world, "r3")
    assert pc.mean(frozen["J1"]).as_py() - pc.mean(traffic["y"]).as_py() == pytest.approx(found["gap"], abs=0.015)
    assert pc.mean(frozen["J1"]).as_py() - (pc.mean(frozen["J1"]).as_py() + pc.mean(frozen["J2"]).as_py()) / 2 == pytest.approx(found["position"], abs=0.01)
    judge = sum(found[name] for name in ("position", "verbosity", "self_pref", "false_pass", "false_fail"))
    assert pc.mean(frozen["J1"]).as_py() - pc.mean(frozen["label"]).as_py() == pytest.approx(judge, abs=0.012)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("variant", ["linear", "informative", "noisy"])
def test_components_sum_to_the_gap(variant: str, seed: int) -> None:
    assert_identity(gap_of(sample(draw_world(seed, variant), seed, TINY), releases=("r1", "r3"), replicates=10))


@pytest.mark.parametrize("form", ["level", "growth"])
@pytest.mark.parametrize("name", COMPONENTS)
def test_intervals_cover_the_truth(quick: dict[tuple[str, str], Tally], form: str, name: str) -> None:
    tally = quick[form, name]
    assert len(tally.error) >= 38
    assert tally.covers.mean() >= 0.85
    assert abs(tally.error.mean()) <= 3.5 * tally.error.std() / np.sqrt(len(tally.error)) + 0.001


def test_rows_in_another_order_change_nothing(units: pa.Table) -> None:
    order = np.random.default_rng(0).permutation(units.num_rows)
    before, after = lines(gap_of(units, replicates=20)), lines(gap_of(units.take(order), replicates=20))
    for key, row in before.items():
        assert after[key]["estimate"] == pytest.approx(row["estimate"], abs=1e-9)
        assert after[key]["se"] == pytest.approx(row["se"], abs=1e-9)


def test_other_names_of_strata_change_nothing(units: pa.Table) -> None:
    new = {f"s{k}": f"topic {(5 * k + 3) % K}" for k in range(K)}
    renamed = replaced(units, "stratum_id", [new[s] for s in units["stratum_id"].to_pylist()])
    assert points(gap_of(renamed, replicates=5)) == pytest.approx(points(gap_of(units, replicates=5)), abs=1e-7)


def test_other_unit_ids_change_nothing(units: pa.Table) -> None:
    renamed = replaced(units, "unit_id", [f"{i}-{u}" for i, u in enumerate(units["unit_id"].to_pylist())])
    assert points(gap_of(renamed, replicates=5)) == points(gap_of(units, replicates=5))


def test_rows_doubled_at_half_weight_change_only_what_a_ridge_sees() -> None:
    units = sample(draw_world(4), 4, SMALL)
    half = replaced(units, "weight", pc.divide(units["weight"], 2.0).combine_chunks())
    copy = replaced(half, "unit_id", [f"{u}-copy" for u in units["unit_id"].to_pylist()])
    before, after = lines(gap_of(units, replicates=40)), points(gap_of(pa.concat_tables([half, copy]), replicates=40))
    for key, value in after.items():
        assert value == pytest.approx(before[key]["estimate"], abs=0.1 * float(before[key]["se"]) + 1e-9), key


def test_without_labels_only_position_and_selection_stand(units: pa.Table) -> None:
    found = gap_of(unlabelled(units), replicates=10)
    rows = lines(found)
    assert {c for (form, c), row in rows.items() if form == "level" and row["is_identified"]} >= {"position", "selection", "not_identified", "gap"}
    for name in NEEDS_LABELS:
        row = rows["level", name]
        assert not row["is_identified"]
        assert row["estimate"] is None
        assert row["se"] is None
        assert row["reason"]
    assert_identity(found)


@pytest.mark.parametrize("without", [("r1", "r2"), ("r3", "r4")])
def test_kinship_needs_labels_on_both_sides_of_the_family(units: pa.Table, without: tuple[str, ...]) -> None:
    found = gap_of(unlabelled(units, without), releases=("r3",), replicates=10)
    row = lines(found)["level", "self_pref"]
    assert not row["is_identified"]
    assert row["reason"]
    assert_identity(found)


def test_a_release_without_outcomes_has_no_gap(units: pa.Table) -> None:
    assert gap_of(units, releases=("r2",), replicates=5).num_rows == 0


def test_a_stratum_missing_from_the_frozen_set_is_uncovered() -> None:
    units = sample(draw_world(4), 4, SMALL)
    gone = pc.and_(pc.equal(units["population"], "frozen"), pc.equal(units["stratum_id"], "s2"))
    before, after = lines(gap_of(units, replicates=20)), lines(gap_of(units.filter(pc.invert(gone)), replicates=20))
    assert before["level", "uncovered"]["estimate"] == pytest.approx(0, abs=1e-12)
    assert after["level", "uncovered"]["estimate"] != pytest.approx(0, abs=1e-6)
    assert after["level", "construct"]["estimate"] == pytest.approx(before["level", "construct"]["estimate"], abs=0.01)


def test_declared_columns_and_bars(units: pa.Table) -> None:
    assert units.schema == ITEM_SCORES.schema
    rows = lines(gap_of(units, replicates=5))
    judge = sum(float(rows["level", n]["estimate"]) for n in ("position", "verbosity", "self_pref", "false_pass", "false_fail"))
    assert rows["level", "bar_judge"]["estimate"] == pytest.approx(judge, abs=1e-12)


@pytest.mark.parametrize(("variant", "careless", "shift"), [("informative", ignoring_probability, 0.004), ("noisy", ignoring_raters, 0.012)])
def test_careless_labels_move_what_is_laid_at_the_judge(variant: str, careless: Callable[[pa.Table], pa.Table], shift: float) -> None:
    """Labels drawn where the orders disagree, or raters who err, taken as if they were not."""
    right, wrong = (many_worlds(range(100, 108), variant=variant, size=SMALL, replicates=5, change=change) for change in (None, careless))
    moved = wrong["level", "false_pass"].estimate - right["level", "false_pass"].estimate
    assert moved.mean() > shift
    assert (moved > 0).mean() >= 0.75


def test_the_coverage_rule_fails_far_from_its_band_only() -> None:
    assert failing_cells({"a": (380, 400), "b": (364, 400), "c": (397, 400)}) == {}
    assert set(failing_cells({"a": (380, 400), "low": (330, 400), "high": (400, 400)})) == {"low", "high"}
