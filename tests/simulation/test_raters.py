from __future__ import annotations

import math
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from liveeval_assets.simulation.raters import rate

from .conftest import SMALL
from .test_decide import case

N = 1200


def tasks(is_good: bool, raters: int, n: int = N) -> pa.Table:
    pairs = [case(i, "aster", is_good) for i in range(n)]
    return pa.table(
        {
            "week": pa.array([date(2026, 6, 1)] * n, pa.date32()),
            "task_id": [f"task-{i}" for i in range(n)],
            "n_raters": [raters] * n,
            "question": [q for q, _ in pairs],
            "answer": [a for _, a in pairs],
        }
    )


@pytest.mark.parametrize("is_good", [True, False])
def test_each_rater_errs_at_its_own_rate(world_home: Path, is_good: bool) -> None:
    ratings = rate(tasks(is_good, 3), world_home)
    assert len(ratings) == 3 * N
    for rater in SMALL.raters:
        mine = [r["is_good"] for r in ratings if r["rater"] == rater.name]
        p = rater.sensitivity if is_good else 1 - rater.specificity
        assert abs(sum(mine) / N - p) < 4 * math.sqrt(p * (1 - p) / N)


def test_a_lone_rater_is_any_of_them_and_the_first_of_three(world_home: Path) -> None:
    lone = rate(tasks(True, 1), world_home)
    assert min(Counter(r["rater"] for r in lone).values()) > N / 4
    three = rate(tasks(True, 3), world_home)
    assert [three[3 * i] for i in range(N)] == lone
    assert len({(r["task_id"], r["rater"]) for r in three}) == 3 * N
    assert rate(tasks(True, 1), world_home) == lone
