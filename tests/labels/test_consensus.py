"""Consensus: one rater drawn by hash, corrected by the error of all raters so far."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.labels.checks import CONSENSUS_CHECKS, RATINGS_CHECKS
from liveeval_assets.labels.consensus import build_consensus
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES

WEEK = date(2026, 6, 1)
AT = datetime(2026, 6, 2, tzinfo=UTC)


def _task(name: str) -> dict[str, Any]:
    row = {"task_id": name, "version": "living", "item_id": name, "release_id": "r1", "population": "living", "mode": "logged", "week": WEEK}
    return {**row, "label_probability": 0.5, "n_raters": 3, "history": [], "question": "?", "answer": "!"}


def _tables(ratings: dict[str, list[int]]) -> tuple[pa.Table, pa.Table]:
    rows = [
        {"task_id": t, "rater": f"p{k}", "is_good": float(y), "rated_at": AT, "file": "f", "week": WEEK} for t, ys in ratings.items() for k, y in enumerate(ys)
    ]
    return TABLES["labels/tasks"].rows([_task(t) for t in ratings]), TABLES["labels/ratings"].rows(rows)


def _noisy(n: int, raters: int = 3) -> dict[str, list[int]]:
    draw = np.random.default_rng(1)
    truth = draw.random(n) < 0.6
    return {f"t{i}": [int(y) for y in draw.random(raters) < (0.9 if good else 0.2)] for i, good in enumerate(truth)}


def test_q_is_the_first_raters_rating_corrected_by_the_estimated_rates() -> None:
    tasks, ratings = _tables(_noisy(200))
    rows = build_consensus(tasks, ratings, ratings, week=WEEK, seed=1)
    assert not violations(TABLES["labels/consensus"], rows)
    for row in rows.to_pylist():
        assert row["sensitivity_se"] is not None
        assert row["q"] == pytest.approx((row["y"] - 1 + row["specificity"]) / (row["sensitivity"] + row["specificity"] - 1))


def test_which_rater_is_first_does_not_depend_on_what_was_said() -> None:
    raters = {f"t{i}": [1, 0, 0] for i in range(900)}
    tasks, ratings = _tables(raters)
    y = build_consensus(tasks, ratings, ratings, week=WEEK, seed=1)["y"].to_numpy()
    # a third of the draws meets the one good rating; the maximum or the newest would meet all or none
    assert abs(y.mean() - 1 / 3) < 3 * np.sqrt(2 / 9 / 900)


def test_a_task_without_a_rating_has_no_consensus() -> None:
    tasks, ratings = _tables({"t1": [1], "t2": []})
    assert build_consensus(tasks, ratings, ratings, week=WEEK, seed=1)["item_id"].to_pylist() == ["t1"]


def test_the_error_comes_from_all_weeks_the_rows_from_this_one() -> None:
    tasks, own = _tables({"t0": [1]})
    _, past = _tables({f"p{k}": v for k, v in _noisy(200).items()})
    rows = build_consensus(tasks, own, pa.concat_tables([own, past]), week=WEEK, seed=1).to_pylist()
    assert [r["item_id"] for r in rows] == ["t0"]
    assert 0.8 < rows[0]["sensitivity"] < 0.97
    assert build_consensus(tasks, own, own, week=WEEK, seed=1)["sensitivity_se"].null_count == 1


def test_the_order_of_ratings_does_not_count() -> None:
    tasks, ratings = _tables(_noisy(60))
    backwards = ratings.take(pa.array(range(ratings.num_rows - 1, -1, -1)))
    one, two = build_consensus(tasks, ratings, ratings, week=WEEK, seed=1), build_consensus(tasks, backwards, backwards, week=WEEK, seed=1)
    assert one.equals(two)


def test_unrated_tasks_and_unknown_error_are_told() -> None:
    tasks, ratings = _tables({"t1": [1], "t2": [], "t3": []})
    tables = {"labels/tasks": tasks, "labels/ratings": ratings, "labels/consensus": build_consensus(tasks, ratings, ratings, week=WEEK, seed=1)}
    assert not RATINGS_CHECKS[0].run(tables).passed
    assert not CONSENSUS_CHECKS[0].run(tables).passed
    tasks, ratings = _tables(_noisy(200))
    tables = {"labels/tasks": tasks, "labels/ratings": ratings, "labels/consensus": build_consensus(tasks, ratings, ratings, week=WEEK, seed=1)}
    assert RATINGS_CHECKS[0].run(tables).passed
    assert CONSENSUS_CHECKS[0].run(tables).passed
