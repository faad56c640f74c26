"""Numbers are written with their sign, their interval, and no claim that the interval does not carry."""

import pytest

from liveeval_assets.report.numbers import MINUS, NONE, Number, difference, movement


def test_shares_points_and_intervals() -> None:
    number = Number(-0.0412, -0.06, -0.02)
    assert number.share == f"{MINUS}4.1"
    assert number.points == f"{MINUS}4.1"
    assert number.interval == f"{MINUS}6.0 to {MINUS}2.0"
    assert number.excludes_zero


@pytest.mark.parametrize("tiny", [0.0, 0.0001, -0.0001])
def test_zero_has_no_sign(tiny: float) -> None:
    assert Number(tiny).points == Number(tiny).share == "0.0"


def test_what_is_not_known_is_a_dash() -> None:
    nothing = Number.of(None)
    assert (nothing.share, nothing.points, nothing.interval) == (NONE, NONE, "")
    assert not nothing.excludes_zero


def test_an_interval_that_touches_zero_does_not_exclude_it() -> None:
    assert not Number(0.1, 0.0, 0.2).excludes_zero


def test_difference_of_independent_estimates() -> None:
    found = difference({"estimate": 0.7, "se": 0.03}, {"estimate": 0.5, "se": 0.04})
    assert found.estimate == pytest.approx(0.2)
    assert found.lo == pytest.approx(0.2 - 1.96 * 0.05)
    assert difference(None, {"estimate": 0.5, "se": 0.04}) == Number(None)
    assert difference({"estimate": 0.7, "se": None}, {"estimate": 0.5, "se": 0.04}).has_interval is False


def test_movement_claims_only_what_the_interval_carries() -> None:
    assert movement(Number(0.1, 0.05, 0.15)) == "rose by 10.0 points"
    assert movement(Number(-0.1, -0.15, -0.05)) == "fell by 10.0 points"
    assert movement(Number(0.01, -0.02, 0.04)) == f"did not move measurably (+1.0 points, 95 % interval {MINUS}2.0 to 4.0)"
    assert movement(Number(None)) == "cannot be compared"
