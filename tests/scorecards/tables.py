"""The week's tables of a tiny product: two releases, four frozen items, a few conversations a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from liveeval_assets.scorecards.units import build_units
from liveeval_assets.tables import TABLES

FIRST = date(2026, 6, 1)
FROZEN = [f"f{i}" for i in range(4)]
FAMILY = {"r1": "kin", "r2": "other"}
READS = (
    "scorecards/item_scores",
    "releases/registry",
    "eval_sets/versions",
    "eval_sets/contamination",
    "responses/answers",
    "verdicts/judged",
    "verdicts/audited",
    "verdicts/controls",
    "labels/consensus",
    "samples/anonymised",
    "samples/assigned",
    "outcomes/matured",
    "traces/conversations",
)


def monday(number: int) -> date:
    return FIRST + timedelta(weeks=number)


def empty() -> dict[str, pa.Table]:
    return {path: TABLES[path].empty() for path in READS}


def filled(path: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows with something plausible in each column that is not given."""
    spec = TABLES[path]
    return spec.rows([{**{c.name: _plain(c.type) for c in spec.columns if not c.is_nullable}, **row} for row in rows])


def _plain(kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        return ""
    if pa.types.is_list(kind):
        return []
    if pa.types.is_boolean(kind):
        return False
    if pa.types.is_date(kind):
        return FIRST
    return datetime(2026, 6, 1, tzinfo=UTC) if pa.types.is_timestamp(kind) else 1


def week_tables(number: int, release: str, *, previous: pa.Table | None = None, conversations: int = 6, new: Sequence[str] = ()) -> dict[str, pa.Table]:
    """Tables that item_scores of a week reads: `release` serves, the releases in `new` answer the frozen set."""
    week, living = monday(number), f"living-{monday(number)}"
    names = [f"c{number}-{i}" for i in range(conversations)]
    drawn = names[:3]
    items = [{"version": "frozen", "role": "frozen", "item_id": f, "user_key": f, "split": "sealed"} for f in FROZEN]
    items += [{"version": living, "role": "living", "item_id": f"i-{c}", "user_key": f"u{i}", "split": ("open", "sealed")[i % 2]} for i, c in enumerate(drawn)]
    answers = [{"version": "frozen", "item_id": f, "release_id": r, "mode": "replayed", "n_characters": 100 + i} for r in new for i, f in enumerate(FROZEN)]
    answers += [{"version": living, "item_id": f"i-{c}", "release_id": release, "mode": "logged", "n_characters": 120} for c in drawn]
    tables = empty()
    if previous is not None:
        tables["scorecards/item_scores"] = previous
    tables["releases/registry"] = filled(
        "releases/registry",
        [{"release_id": r, "family": FAMILY[r], "is_reference": r == "r1", "deployed_at": datetime(2026, 6, 1 + i, tzinfo=UTC)} for i, r in enumerate(FAMILY)],
    )
    tables["eval_sets/versions"] = filled("eval_sets/versions", [{**v, "stratum_id": "s0", "status": "active", "weight": 2.0, "week": week} for v in items])
    tables["responses/answers"] = filled("responses/answers", [{**a, "status": "ok", "week": week} for a in answers])
    tables["verdicts/judged"] = filled("verdicts/judged", [v for a in answers for v in verdicts(a)])
    tables["labels/consensus"] = filled("labels/consensus", [label(a) for a in answers])
    shared = [{"conversation_id": c, "release_id": release, "user_key": f"u{i}", "week": week} for i, c in enumerate(names)]
    tables["samples/anonymised"] = filled("samples/anonymised", [{**c, "read_probability": 0.5, "phase1_probability": 0.5} for c in shared])
    tables["samples/assigned"] = filled("samples/assigned", [{**c, "stratum_id": "s0"} for c in shared])
    states = [("observed", True, 1.0), ("missing", True, None), ("unmatured", False, None)]
    found = [{**c, "status": s, "is_mature": m, "y": y} for c, (s, m, y) in zip(shared, states * conversations, strict=False)]
    tables["outcomes/matured"] = filled("outcomes/matured", [{k: v for k, v in o.items() if k != "user_key"} for o in found])
    tables["traces/conversations"] = filled("traces/conversations", [{**c, "attributes": '{"tenure": 2.5, "plan": "pro"}'} for c in shared])
    return tables


def verdicts(answer: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """The naive judge passes first and fails second; the panel passes."""
    key = {n: answer[n] for n in ("version", "item_id", "release_id", "mode")}
    shared = {**key, "unit": "item", "task": "grade", "status": "scored", **changes}
    naive = {"judge": "n", "judge_role": "naive", "judge_family": "kin", "verdict": "split", "first": 1.0, "second": 0.0}
    panel = {"judge": "p", "judge_role": "panel", "judge_family": "x", "verdict": "pass", "first": 1.0, "second": 1.0}
    return [{**naive, **shared}, {**panel, **shared}]


def label(answer: dict[str, Any], *, y: float = 1.0) -> dict[str, Any]:
    rates = {"sensitivity": 0.9, "specificity": 0.8, "sensitivity_se": 0.01, "specificity_se": 0.02}
    key = {n: answer[n] for n in ("version", "item_id", "release_id", "mode")}
    population = "frozen" if answer["version"] == "frozen" else "living"
    return {**key, **rates, "population": population, "label_probability": 0.5, "y": y, "q": 8 / 7}


def units_of(number: int, tables: dict[str, pa.Table], *, window: int = 2) -> pa.Table:
    return build_units(tables, week=monday(number), window=window, covariates=["tenure", "absent"])
