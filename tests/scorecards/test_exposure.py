from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.scorecards.exposure import with_exposure
from tests.scorecards.tables import filled


def units(lengths: dict[tuple[str, str, str], list[int | None]]) -> pa.Table:
    """(population, release, stratum) -> lengths of answers."""
    rows: list[dict[str, Any]] = []
    for (population, release, stratum), found in lengths.items():
        for i, n in enumerate(found):
            row = {"population": population, "release_id": release, "stratum_id": stratum, "unit_id": f"{population}{release}{stratum}{i}"}
            rows.append({**row, "n_characters": n})
    return filled("scorecards/item_scores", rows)


def ell(table: pa.Table, release: str, population: str = "frozen") -> list[float]:
    return [r["ell"] for r in table.to_pylist() if r["release_id"] == release and r["population"] == population]


BASE = {("frozen", "r1", "s0"): [80, 90, 100, 110, 125], ("frozen", "r1", "s1"): [800, 900, 1000, 1100, 1250]}


def test_exposure_is_relative_to_the_references_answers_to_the_same_topic() -> None:
    table = with_exposure(units({**BASE, ("frozen", "r2", "s0"): [100, 125, 80], ("living", "r2", "s1"): [1250, 10**6, 0, None]}), "r1")
    own = ell(table, "r1")
    assert own[2] == own[7] == 0
    # both strata spread alike, so one sd fits both
    assert own[0] == pytest.approx(own[5])
    assert ell(table, "r2") == pytest.approx([0, own[4], own[0]])
    assert ell(table, "r2", "living")[:3] == pytest.approx([own[9], 2.5, -2.5])
    assert ell(table, "r2", "living")[3] is None


def test_a_unit_of_exposure_is_half_a_unit_of_log_length() -> None:
    own = ell(with_exposure(units(BASE), "r1"), "r1")
    assert own[4] == pytest.approx(math.log(1.25) / 0.5)


def test_longer_answers_of_a_later_release_are_not_cut_off() -> None:
    """Twice and three times as long are told apart even if the reference's own lengths hardly vary."""
    even = {("frozen", "r1", "s0"): [99, 100, 100, 100, 101], ("frozen", "r2", "s0"): [200, 300]}
    assert ell(with_exposure(units(even), "r1"), "r2") == pytest.approx([2 * math.log(2), 2 * math.log(3)])


def test_all_lengths_in_another_unit_change_nothing() -> None:
    other = {k: [None if n is None else 7 * n for n in v] for k, v in {**BASE, ("frozen", "r2", "s0"): [300]}.items()}
    assert ell(with_exposure(units(other), "r1"), "r2") == pytest.approx(ell(with_exposure(units({**BASE, ("frozen", "r2", "s0"): [300]}), "r1"), "r2"))


def test_later_weeks_do_not_move_the_scale() -> None:
    """Living answers come and go; the calibration rests on the frozen set alone."""
    more = {("living", "r1", "s0"): [5000] * 9, ("living", "r2", "s0"): [3]}
    assert ell(with_exposure(units({**BASE, **more}), "r1"), "r1") == pytest.approx(ell(with_exposure(units(BASE), "r1"), "r1"))


def test_a_thin_stratum_uses_the_overall_median() -> None:
    table = with_exposure(units({**BASE, ("frozen", "r1", "s2"): [462], ("frozen", "r2", "s2"): [462]}), "r1")
    overall = sorted([80, 90, 100, 110, 125, 800, 900, 1000, 1100, 1250, 462])[5]
    assert overall == 462
    assert ell(table, "r2") == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize("reference", ["r1", "gone"])
def test_without_frozen_answers_of_the_reference_the_next_best_calibrates(reference: str) -> None:
    table = with_exposure(units({("living", "r1", "s0"): [80, 90, 100, 110, 125], ("living", "r2", "s0"): [100, 200]}), reference)
    assert all(v is not None for v in ell(table, "r2", "living"))
    assert ell(table, "r2", "living")[1] > ell(table, "r2", "living")[0]


def test_no_answers_no_exposure() -> None:
    table = units({("traffic", "r1", "s0"): [None, None]})
    assert with_exposure(table, "r1").equals(table)
