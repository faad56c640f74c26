"""A small, known stage: two releases, a frozen set, living items, and models that reply by rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from liveeval_assets.settings import Model, Verdicts
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.roster import Roster, roster_of

WEEK = date(2026, 6, 1)
NEXT = WEEK + timedelta(days=7)
N_FROZEN, N_LIVING = 6, 12
LONG = "open the settings page and then choose the third entry from the list of plans that is shown there"


def models(**families: str) -> dict[str, Model]:
    """Configured models by name; the family of each."""
    known = {"naive-judge": "aster", "panel-judge": "corvus", "refuter": "dorado", **families}
    return {name: Model(endpoint="it", model=name, family=family) for name, family in known.items()}


def roster(**families: str) -> Roster:
    """The demo's roster."""
    return roster_of(Verdicts(naive="naive-judge", panel=["panel-judge"], refuters=["refuter"], rubric="PASS if right."), models(**families))


def registry(*rows: tuple[str, str, date]) -> pa.Table:
    """Releases as (name, family, week)."""
    given = rows or (("r1", "borealis", WEEK), ("r2", "borealis", NEXT))
    return TABLES["releases/registry"].rows(
        [
            {
                "release_id": name,
                "family": family,
                "model": f"model-{name}",
                "prompt_hash": "p",
                "deployed_at": datetime(week.year, week.month, week.day, tzinfo=UTC),
                "traffic": "staged",
                "answers_by": "endpoint",
                "answers_at": "generator",
                "is_reference": name == "r1",
                "week": week,
            }
            for name, family, week in given
        ]
    )


def item(version: str, item_id: str, week: date, release: str | None, *, status: str = "active", weight: float = 1.0) -> dict[str, object]:
    """A row of eval_sets/versions."""
    role = "frozen" if version == "frozen" else "living"
    return {
        "version": version,
        "role": role,
        "item_id": item_id,
        "conversation_id": None,
        "release_id": release,
        "user_key": item_id,
        "stratum_id": f"s{sum(map(ord, item_id)) % 2}",
        "history": [{"role": "user", "text": f"hello from {item_id}", "tool_calls": ""}],
        "question": f"question {item_id}?",
        "split": "sealed",
        "split_probability": 0.7,
        "weight": weight,
        "status": status,
        "provenance": "production",
        "item_hash": item_id,
        "week": week,
    }


def versions(weeks: tuple[date, ...] = (WEEK,), release: str = "r1") -> pa.Table:
    """The frozen set in the first week and living items in each."""
    rows = [item("frozen", f"f{i}", weeks[0], None) for i in range(N_FROZEN)]
    for w in weeks:
        rows += [item(f"living-{w}", f"l{i}-{w}", w, release if w == WEEK else "r2") for i in range(N_LIVING)]
    return TABLES["eval_sets/versions"].rows(rows)


def answer(version: str, item_id: str, release: str, mode: str, week: date, text: str | None = None) -> dict[str, object]:
    """A row of responses/answers; no text means that it failed."""
    return {
        "version": version,
        "item_id": item_id,
        "release_id": release,
        "mode": mode,
        "status": "ok" if text is not None else "refused",
        "answer": text,
        "n_characters": None if text is None else len(text),
        "call_id": None,
        "week": week,
    }


def answers(weeks: tuple[date, ...] = (WEEK,)) -> pa.Table:
    """Each release on the frozen set in its first week, and logged answers to the living items."""
    rows = []
    for w, release in zip(weeks, ("r1", "r2"), strict=False):
        rows += [answer("frozen", f"f{i}", release, "replayed", w, f"{release} says {LONG} {i}") for i in range(N_FROZEN)]
        rows += [answer(f"living-{w}", f"l{i}-{w}", release, "logged", w, f"{release} logged {LONG} {i}") for i in range(N_LIVING)]
    return TABLES["responses/answers"].rows(rows)


def shuffled(table: pa.Table) -> pa.Table:
    """The same rows the other way round."""
    return table.take(pa.array(range(table.num_rows - 1, -1, -1)))
