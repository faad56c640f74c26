"""Tasks: drawn with the stated probability, on the same items for every release, and only of answers that scores rest on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.labels.tasks import plan_tasks
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES

WEEK = date(2026, 6, 1)
N = 2000


def _version(version: str, item: str) -> dict[str, Any]:
    role = "frozen" if version == "frozen" else "living"
    row = {"version": version, "role": role, "item_id": item, "user_key": item, "stratum_id": "s0", "history": [], "question": "how?", "split": "open"}
    return {**row, "split_probability": 0.3, "weight": 1.0, "status": "active", "provenance": "production", "item_hash": item, "week": WEEK}


def _answer(version: str, item: str, release: str, mode: str, status: str = "ok") -> dict[str, Any]:
    text = "so" if status == "ok" else None
    row = {"version": version, "item_id": item, "release_id": release, "mode": mode, "status": status, "answer": text, "week": WEEK}
    return {**row, "n_characters": 2 if text else None}


def _plan(versions: list[dict[str, Any]], answers: list[dict[str, Any]], *, share: float = 1.0, several: float = 0.3, seed: int = 5) -> pa.Table:
    tables = (TABLES["eval_sets/versions"].rows(versions), TABLES["responses/answers"].rows(answers))
    return plan_tasks(*tables, week=WEEK, seed=seed, shares={"frozen": 1.0, "living": share}, multi_rater_share=several, raters=3)


def _living(n: int = N, releases: tuple[str, ...] = ("r1",)) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items = [f"i{k}" for k in range(n)]
    return [_version("living", i) for i in items], [_answer("living", i, r, "logged") for i in items for r in releases]


def test_the_draw_has_the_stated_probability() -> None:
    planned = _plan(*_living(), share=0.25)
    assert abs(planned.num_rows / N - 0.25) < 3 * (0.25 * 0.75 / N) ** 0.5
    assert set(planned["label_probability"].to_pylist()) == {0.25}
    assert not violations(TABLES["labels/tasks"], planned)


def test_releases_are_labelled_on_the_same_items() -> None:
    planned = _plan(*_living(300, ("r1", "r2")), share=0.4).to_pylist()
    by_release = {r: {t["item_id"] for t in planned if t["release_id"] == r} for r in ("r1", "r2")}
    assert by_release["r1"] == by_release["r2"]
    assert 0 < len(by_release["r1"]) < 300


def test_another_seed_draws_other_items() -> None:
    one, two = (set(_plan(*_living(200), share=0.5, seed=s)["item_id"].to_pylist()) for s in (1, 2))
    assert one != two


def test_several_raters_are_asked_for_the_stated_share() -> None:
    raters = _plan(*_living(), several=0.3)["n_raters"].to_pylist()
    assert set(raters) == {1, 3}
    assert abs(raters.count(3) / N - 0.3) < 3 * (0.3 * 0.7 / N) ** 0.5


def test_the_order_of_answers_does_not_count() -> None:
    versions, answers = _living(50, ("r1", "r2"))
    one, two = _plan(versions, answers), _plan(versions[::-1], answers[::-1])
    assert one.sort_by("task_id").equals(two.sort_by("task_id"))


def test_no_share_is_no_task() -> None:
    assert _plan(*_living(50), share=0.0).num_rows == 0


def test_only_answers_that_scores_rest_on_are_rated() -> None:
    versions = [_version("frozen", "f"), _version("living", "l"), _version("living", "silent")]
    answers = [
        _answer("frozen", "f", "r1", "replayed"),
        _answer("living", "l", "r1", "logged"),
        _answer("living", "l", "r0", "replayed"),  # the bridge's second answer
        _answer("living", "silent", "r1", "logged", status="refused"),
        _answer("living", "withdrawn", "r1", "logged"),  # no such item any more
    ]
    planned = _plan(versions, answers).to_pylist()
    assert {(t["population"], t["item_id"], t["release_id"]) for t in planned} == {("frozen", "f", "r1"), ("living", "l", "r1")}
