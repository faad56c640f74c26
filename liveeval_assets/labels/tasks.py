"""Which answers people are asked about: a random part, its probability fixed when it is planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.shared.hashing import digest, uniform
from liveeval_assets.tables import TABLES

TASKS = TABLES["labels/tasks"]


def plan_tasks(versions: pa.Table, answers: pa.Table, *, week: date, seed: int, shares: Mapping[str, float], multi_rater_share: float, raters: int) -> pa.Table:
    """Tasks of the week: replayed answers to frozen items, and the serving release's own answers to living ones.

    Args:
        versions: eval_sets/versions up to the week.
        answers: responses/answers of the week.
        shares: probability of a label by population (frozen, living).
        multi_rater_share: share of tasks that `raters` people rate; they tell the raters' error rates.
    """
    items = {(v["version"], v["item_id"]): v for v in versions.select(["version", "item_id", "role", "history", "question"]).to_pylist()}
    rows = [_task(a, items[a["version"], a["item_id"]], week, seed, shares, multi_rater_share, raters) for a in _wanted(answers, items)]
    return TASKS.rows([r for r in rows if r is not None])


def _wanted(answers: pa.Table, items: Mapping[tuple[str, str], Any]) -> Iterator[dict[str, Any]]:
    """Answers that scores rest on: not the bridge's second answers to living items."""
    for answer in answers.to_pylist():
        item = items.get((answer["version"], answer["item_id"]))
        if item is not None and answer["status"] == "ok" and (item["role"] == "frozen" or answer["mode"] == "logged"):
            yield answer


def _task(
    answer: Mapping[str, Any], item: Mapping[str, Any], week: date, seed: int, shares: Mapping[str, float], multi_rater_share: float, raters: int
) -> dict[str, Any] | None:
    task_id = digest("task", answer["version"], answer["item_id"], answer["release_id"], answer["mode"])
    share = shares[item["role"]]
    # drawn by item, so that two releases are labelled on the same items
    if share <= 0 or uniform(seed, "label", answer["item_id"]) >= share:
        return None
    return {
        "week": week,
        "task_id": task_id,
        "version": answer["version"],
        "item_id": answer["item_id"],
        "release_id": answer["release_id"],
        "population": item["role"],
        "mode": answer["mode"],
        "label_probability": share,
        "n_raters": raters if uniform(seed, "raters", task_id) < multi_rater_share else 1,
        "history": item["history"],
        "question": item["question"],
        "answer": answer["answer"],
    }
