"""Small tables for tests of the stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

WEEK = date(2026, 6, 1)
NEXT = WEEK + timedelta(days=7)


def drawn_and_anonymised(numbers: Sequence[int], week: date = WEEK, strata: int = 4) -> tuple[pa.Table, pa.Table]:
    """A draw of the given items, and the anonymised rows that hold them and one more."""
    texts = [
        {
            "week": week,
            "conversation_id": digest("conversation", n),
            "item_id": digest("item", n),
            "release_id": "r1",
            "user_key": digest("user", n),
            "started_at": datetime(2026, 6, 1, tzinfo=UTC),
            "turn_index": 0,
            "turn_probability": 1.0,
            "history": [{"role": "user", "text": f"before {n}", "tool_calls": None}],
            "question": f"question number {n}",
            "answer": "answer",
            "detector_profile": "test",
            "n_masked": 0,
            "read_probability": 1.0,
            "phase1_probability": 1.0,
            "n_characters": 10,
        }
        for n in [*numbers, 10_000]
    ]
    draw = [
        {
            "week": week,
            "item_id": digest("item", n),
            "conversation_id": digest("conversation", n),
            "stratum_id": f"s{n % strata}",
            "release_id": "r1",
            "user_key": digest("user", n),
            "population_h": 10,
            "sample_h": 5,
            "read_probability": 1.0,
            "phase1_probability": 1.0,
            "user_day_probability": 1.0,
            "turn_probability": 1.0,
            "draw_probability": 0.5,
            "probability": 0.5,
            "multiplicity": 1,
            "weight": 2.0,
        }
        for n in numbers
    ]
    return TABLES["samples/drawn"].rows(draw), TABLES["samples/anonymised"].rows(texts)


def imported(n: int, week: date = WEEK) -> pa.Table:
    """samples/imported with n items."""
    rows = [
        {
            "week": week,
            "item_id": digest("frozen", i),
            "history": [],
            "question": f"static question {i}",
            "stratum_id": f"s{i % 4}",
            "distance": 0.1,
            "is_far": False,
            "detector_profile": "test",
            "n_masked": 0,
        }
        for i in range(n)
    ]
    return TABLES["samples/imported"].rows(rows)


def version_row(name: str, number: int, question: str, *, role: str = "living", week: date = WEEK, stratum: str = "s0") -> dict[str, Any]:
    """A row of eval_sets/versions."""
    return {
        "week": week,
        "version": name,
        "role": role,
        "item_id": digest(name, number),
        "user_key": digest("user", number),
        "stratum_id": stratum,
        "history": [],
        "question": question,
        "split": "sealed",
        "split_probability": 0.7,
        "weight": 1.0,
        "status": "active",
        "provenance": "production",
        "item_hash": digest(question),
    }


def registry(**born: date) -> pa.Table:
    """releases/registry: release -> week in which it went live."""
    rows = [
        {
            "week": week,
            "release_id": name,
            "family": "x",
            "model": "m",
            "prompt_hash": "h",
            "deployed_at": datetime(2026, 1, 1, tzinfo=UTC),
            "traffic": "unknown",
            "answers_by": "logged",
            "is_reference": name == "r1",
        }
        for name, week in born.items()
    ]
    return TABLES["releases/registry"].rows(rows)
