"""What people say of each answer, corrected for their own error."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pyarrow as pa

from liveeval_assets.labels.rater_error import estimate, unbiased
from liveeval_assets.shared.hashing import uniform
from liveeval_assets.tables import TABLES

CONSENSUS = TABLES["labels/consensus"]


def build_consensus(tasks: pa.Table, ratings: pa.Table, all_ratings: pa.Table, *, week: date, seed: int) -> pa.Table:
    """One row per rated answer of the week.

    The rating used is that of one rater drawn by hash: a single rating has the estimated error rates, a vote of several
    would have others. Error rates come from every rating so far.
    """
    pooled: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in all_ratings.select(["task_id", "rater", "is_good"]).to_pylist():
        pooled[row["task_id"]].append((row["rater"], row["is_good"]))
    error = estimate({t: [y for _, y in sorted(r)] for t, r in pooled.items()}, seed)
    own: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in ratings.to_pylist():
        own[row["task_id"]].append((row["rater"], row["is_good"]))
    rows = []
    for task in tasks.drop_columns(["history", "question", "answer"]).to_pylist():
        rated = own.get(task["task_id"])
        if not rated:
            continue
        _, y = min(rated, key=lambda r: uniform(seed, "first rater", task["task_id"], r[0]))
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
