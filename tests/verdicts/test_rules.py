"""One verdict from two orders."""

from __future__ import annotations

import itertools

import pytest

from liveeval_assets.verdicts import rules

# candidate a is shown first in the first order and second in the second one
COMPARISONS = {
    ("first", "first"): "tie",
    ("first", "second"): "a_wins",
    ("first", "tie"): "tie",
    ("second", "first"): "b_wins",
    ("second", "second"): "tie",
    ("second", "tie"): "tie",
    ("tie", "first"): "tie",
    ("tie", "second"): "tie",
    ("tie", "tie"): "tie",
}


@pytest.mark.parametrize(("first", "second"), list(itertools.product(("first", "second", "tie"), repeat=2)))
def test_an_answer_wins_only_in_both_orders(first: str, second: str) -> None:
    verdict, a, b = rules.compare(first, second)
    assert verdict == COMPARISONS[first, second]
    assert a == {"first": 1, "second": 0, "tie": 0.5}[first]
    assert b == {"first": 0, "second": 1, "tie": 0.5}[second]


def test_swapping_the_answers_mirrors_the_verdict() -> None:
    mirror = {"a_wins": "b_wins", "b_wins": "a_wins", "tie": "tie"}
    for first, second in COMPARISONS:
        assert rules.compare(second, first)[0] == mirror[rules.compare(first, second)[0]]


def test_a_judge_that_always_picks_one_place_wins_nothing() -> None:
    assert {rules.compare(place, place)[0] for place in ("first", "second", "tie")} == {"tie"}


@pytest.mark.parametrize(
    ("first", "second", "verdict"), [("pass", "pass", "pass"), ("fail", "fail", "fail"), ("pass", "fail", "split"), ("fail", "pass", "split")]
)
def test_a_grade_needs_both_orders(first: str, second: str, verdict: str) -> None:
    assert rules.grade(first, second) == (verdict, float(first == "pass"), float(second == "pass"))
