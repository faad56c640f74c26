"""The verdict of each case from its two calls; nothing but the plan and the call log decides it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa

from liveeval_assets.verdicts import rules
from liveeval_assets.verdicts.calls import Result
from liveeval_assets.verdicts.plan import Case
from liveeval_assets.verdicts.tables import JUDGED


def judge(cases: Iterable[Case], results: Mapping[str, Result], week: date) -> pa.Table:
    """One row per case; a call that is missing or not ok makes the case unscored: never a pass, never a fail."""
    return JUDGED.rows([{**_identity(c), **_verdict(c, results), "week": week} for c in cases])


def _identity(case: Case) -> dict[str, object]:
    return {
        "unit": case.unit,
        "version": case.version,
        "item_id": case.item_id,
        "release_id": case.release_id,
        "baseline_release_id": case.baseline_release_id,
        "mode": case.mode,
        "judge": case.judge.name,
        "judge_role": case.judge.role,
        "judge_family": case.judge.family,
        "task": case.task,
        "call_ids": list(case.call_ids),
        "evaluator_version": case.evaluator_version,
    }


def _verdict(case: Case, results: Mapping[str, Result]) -> dict[str, object]:
    found = [results.get(i) for i in case.call_ids]
    said = [r.verdict for r in found if r is not None and r.status == "ok" and r.verdict is not None]
    if len(said) != 2:
        return {"status": "unscored", "verdict": None, "first": None, "second": None}
    verdict, first, second = (rules.grade if case.task == "grade" else rules.compare)(*said)
    return {"status": "scored", "verdict": verdict, "first": first, "second": second}
