"""Sends of items are counted once per call, by model and purpose."""

from __future__ import annotations

from typing import Any

from liveeval_assets.eval_sets.exposures import build_exposures
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.eval_sets.build import WEEK


def _call(call: str, role: str, item: str = "i1", unit: str = "item", model: str = "m") -> dict[str, Any]:
    return {"week": WEEK, "call_id": call, "role": role, "unit": unit, "unit_id": item, "model": model, "family": "f", "order": 1, "status": "ok"}


def test_counts() -> None:
    rows = [
        _call("1", "naive"),
        _call("1", "naive"),
        _call("2", "panel"),
        _call("3", "refuter", model="r"),
        _call("4", "release", model="g", item="i2"),
        _call("5", "panel", unit="control"),
    ]
    spec = TABLES["verdicts/calls"]
    calls = spec.rows(rows)
    made = build_exposures(calls, WEEK)
    assert violations(TABLES["eval_sets/exposures"], made) == {}
    found = [(r["item_id"], r["model"], r["purpose"], r["n_calls"]) for r in made.to_pylist()]
    assert found == [
        ("i1", "m", "judge", 2),
        ("i1", "r", "refute", 1),
        ("i2", "g", "answer", 1),
    ]
    assert build_exposures(spec.empty(), WEEK).num_rows == 0
