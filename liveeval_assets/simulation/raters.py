"""The simulated people who label answers: they look the truth up in the fact book by the text, and err at known rates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation import factbook
from liveeval_assets.simulation.world import Rater, World, read_world


def rate(tasks: pa.Table, home_folder: Path | str) -> list[dict[str, object]]:
    """Ratings of labels/tasks: `n_raters` different raters per task, in an order by hash.

    Args:
        tasks: columns week, task_id, n_raters, question, answer.
        home_folder: home with a simulated world.

    Returns:
        Rows of task_id, rater, is_good (1 or 0) and rated_at (within six days after the task's week).
    """
    world = read_world(Path(home_folder))
    columns = tasks.select(["week", "task_id", "n_raters", "question", "answer"]).to_pydict()
    return [
        _rating(world, rater, week, task_id, factbook.find(question, answer).is_good)
        for week, task_id, n, question, answer in zip(*columns.values(), strict=True)
        for rater in _raters(world, task_id)[:n]
    ]


def _raters(world: World, task_id: str) -> list[Rater]:
    """All raters in the order in which they take up the task."""
    return sorted(world.raters, key=lambda rater: uniform(world.seed, "rater order", task_id, rater.name))


def _rating(world: World, rater: Rater, week: date, task_id: str, is_good: bool) -> dict[str, object]:
    p = rater.sensitivity if is_good else 1 - rater.specificity
    hours = 1 + 24 * 6 * uniform(world.seed, "rating time", task_id, rater.name)
    closed = datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(days=7)
    return {
        "task_id": task_id,
        "rater": rater.name,
        "is_good": float(uniform(world.seed, "rating", task_id, rater.name) < p),
        "rated_at": closed + timedelta(hours=hours),
    }
