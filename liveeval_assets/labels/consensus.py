"""What people say of each answer, corrected for their own error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from liveeval_assets.labels.rater_error import unbiased
from liveeval_assets.labels.rater_mix import estimate_mix
from liveeval_assets.shared.hashing import uniform
from liveeval_assets.tables import TABLES

CONSENSUS = TABLES["labels/consensus"]


def build_consensus(tasks: pa.Table, ratings: pa.Table, all_ratings: pa.Table, *, week: date, seed: int) -> pa.Table:
    """One row per rated answer of the week.

    The rating used is that of one rater drawn by hash: a single rating has the estimated error rates, a vote of several
    would have others. Error rates come from every rating so far.
    """
    everything, own = _by_task(all_ratings), _by_task(ratings)
    used = [_first(task, rated, seed)[0] for task, rated in sorted(everything.items())]
    error = estimate_mix(everything, used, seed)
    rows = []
    for task in tasks.drop_columns(["history", "question", "answer"]).to_pylist():
        rated = own.get(task["task_id"])
        if not rated:
            continue
        _, y = _first(task["task_id"], rated, seed)
        rows.append(
            {
                **{name: task[name] for name in ("version", "item_id", "release_id", "population", "mode", "label_probability")},
                "week": week,
                "y": y,
                "q": unbiased(y, error),
                "n_raters": len(rated),
                "sensitivity": error.sensitivity,
                "specificity": error.specificity,
                "sensitivity_se": error.sensitivity_se,
                "specificity_se": error.specificity_se,
            }
        )
    return CONSENSUS.rows(rows)


def _by_task(ratings: pa.Table) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in ratings.select(["task_id", "rater", "is_good"]).to_pylist():
        found[row["task_id"]].append((row["rater"], row["is_good"]))
    return found


def _first(task_id: str, rated: Sequence[tuple[str, float]], seed: int) -> tuple[str, float]:
    """The rating that is used: whose it is does not depend on what was said."""
    return min(rated, key=lambda r: uniform(seed, "first rater", task_id, r[0]))
