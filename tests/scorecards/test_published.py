from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from liveeval_assets.scorecards.published import RefuterRates, evaluators, past_scores, published, reference, refuter_rates
from tests.scorecards.tables import filled, monday

HEALTH = {"role": "refuter", "model": "x", "is_alarm": False, "n": 100}
CATCH = {**HEALTH, "measure": "catch_rate", "estimate": 0.75, "lo": 0.65, "hi": 0.85}
KILL = {**HEALTH, "measure": "false_kill_rate", "estimate": 0.1, "lo": 0.05, "hi": 0.15}


def rates(*rows: dict[str, Any]) -> RefuterRates | None:
    return refuter_rates(filled("verdicts/judge_health", rows))


def test_published_are_the_releases_that_served_the_week() -> None:
    rows = [("traffic", "r1", 0), ("traffic", "r2", 1), ("living", "r3", 1), ("frozen", "r4", 1)]
    units = filled("scorecards/item_scores", [{"population": p, "release_id": r, "unit_id": r, "unit_week": monday(w)} for p, r, w in rows])
    listed = filled("releases/registry", [{"release_id": r} for r in ("r1", "r2", "r3", "r4")])
    assert published(units, listed, monday(1)) == ["r2"]
    # of a release that nobody has listed, no family is known
    assert published(units, listed.slice(2), monday(1)) == []


@pytest.mark.parametrize(("marked", "found"), [("r2", "r2"), (None, "r1")])
def test_reference(marked: str | None, found: str) -> None:
    rows = [{"release_id": r, "is_reference": r == marked, "deployed_at": datetime(2026, 1, 9 - i, tzinfo=UTC)} for i, r in enumerate(("r2", "r1"))]
    assert reference(filled("releases/registry", rows)) == found
    assert reference(filled("releases/registry", [])) == ""


def test_refuter_rates_need_both_of_one_refuter() -> None:
    found = rates(CATCH, KILL)
    assert found is not None
    assert (found.catch, found.false_kill) == (0.75, 0.1)
    assert found.catch_se == pytest.approx(0.051, abs=1e-3)
    assert found.is_usable
    assert rates(CATCH) is None
    assert rates(CATCH, {**KILL, "estimate": None, "lo": None, "hi": None}) is None
    assert rates(CATCH, KILL, {**CATCH, "model": "y"}) is None
    assert rates({**CATCH, "role": "panel"}, KILL) is None


@pytest.mark.parametrize(("catch", "catch_se", "is_usable"), [(0.75, 0.05, True), (0.75, 0.2, False), (0.35, 0.01, False)])
def test_a_refuter_is_usable_if_it_surely_tells_bad_from_good(catch: float, catch_se: float, *, is_usable: bool) -> None:
    assert RefuterRates(catch, catch_se, 0.08, 0.01).is_usable == is_usable


def test_past_scores_are_published_once() -> None:
    rows = [{"week": monday(0), "version": "frozen", "past_scores": '{"r0": 0.7}'}, {"week": monday(1), "version": "living"}]
    assert past_scores(filled("eval_sets/manifests", rows), monday(0)) == '{"r0": 0.7}'
    assert past_scores(filled("eval_sets/manifests", rows), monday(1)) is None


def test_evaluators_are_named_once() -> None:
    judged = filled("verdicts/judged", [{"evaluator_version": v, "item_id": str(i)} for i, v in enumerate(("b", "a", "b"))])
    assert evaluators(judged) == ["evaluator@a", "evaluator@b"]
