"""From two replies in swapped orders to one verdict."""

from __future__ import annotations

from typing import Literal

GradeVerdict = Literal["pass", "fail", "split"]
CompareVerdict = Literal["a_wins", "b_wins", "tie"]


def grade(first: str, second: str) -> tuple[GradeVerdict, float, float]:
    """Verdict of a grade and its two halves as numbers (1 pass, 0 fail).

    A pass needs both orders, a fail too; orders that disagree are a split, which is neither.
    """
    halves = (float(first == "pass"), float(second == "pass"))
    if first != second:
        return "split", *halves
    return ("pass" if first == "pass" else "fail"), *halves


def compare(first: str, second: str) -> tuple[CompareVerdict, float, float]:
    """Verdict of a comparison and its two halves as numbers (1 the candidate wins, 0 it loses, .5 tie).

    Args:
        first: what was picked with the candidate a shown first: first, second or tie.
        second: what was picked with the baseline b shown first.

    An answer wins only if it wins in both orders; a tie in either order, or a disagreement, is a tie.
    """
    halves = ({"first": 1.0, "second": 0.0, "tie": 0.5}[first], {"first": 0.0, "second": 1.0, "tie": 0.5}[second])
    if halves == (1.0, 1.0):
        return "a_wins", *halves
    return ("b_wins" if halves == (0.0, 0.0) else "tie"), *halves
