"""Which requests a week's verdicts need: every answer graded in both orders, a new release compared with the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.shared.llm import Request
from liveeval_assets.verdicts import prompts
from liveeval_assets.verdicts.roster import Judge, Roster
from liveeval_assets.verdicts.schemas import Comparison, Grade

CONTROLS_VERSION = "controls"
_ORDERS = (1, 2)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One row of `judged` to be: what is judged, by whom, and the calls that decide it (none if there is no answer)."""

    unit: str
    version: str
    item_id: str
    release_id: str
    baseline_release_id: str
    mode: str
    judge: Judge
    task: str
    evaluator_version: str
    requests: tuple[Request, ...]
    call_ids: tuple[str, ...]


def plan(
    versions: pa.Table, answers: pa.Table, controls: pa.Table, registry: pa.Table, roster: Roster, week: date, seed: int, compare_items: int
) -> list[Case]:
    """Every case of a week, in a fixed order; at most `compare_items` frozen items are compared.

    Controls are the week's; the other tables hold the rows of all weeks up to it.
    """
    items = items_of(versions)
    graded = [c for row in _sorted(answers.filter(pc.equal(answers["week"], week))) for c in _grade_cases(row, items, roster)]
    planted = [c for row in sorted(controls.to_pylist(), key=lambda r: str(r["control_id"])) for c in _control_cases(row, items, roster)]
    compared = list(_compare_cases(items, answers, registry, roster, week, seed, compare_items)) if roster.panel else []
    return [*graded, *planted, *compared]


def items_of(versions: pa.Table) -> dict[tuple[str, str], Row]:
    """Active items by (version, item)."""
    return {(r["version"], r["item_id"]): r for r in versions.filter(pc.equal(versions["status"], "active")).to_pylist()}


def sources_of(items: Mapping[tuple[str, str], Row]) -> dict[str, Row]:
    """Items by id, whatever their version: what a control borrows its history from."""
    return {item_id: row for (_, item_id), row in items.items()}


def _grade_cases(row: Row, items: Mapping[tuple[str, str], Row], roster: Roster) -> Iterator[Case]:
    item = items.get((row["version"], row["item_id"]))
    if item is None:
        return
    for judge in roster.judges:
        case = ("item", row["item_id"], row["release_id"])
        requests = grades(judge, roster, item["question"], item["history"] or [], row["answer"], case) if row["status"] == "ok" else ()
        yield _case(row["version"], row["item_id"], row["release_id"], "", row["mode"], judge, "grade", roster, requests)


def _control_cases(row: Row, items: Mapping[tuple[str, str], Row], roster: Roster) -> Iterator[Case]:
    history = (sources_of(items).get(row["source_item_id"]) or {}).get("history") or []
    for judge in roster.panel:
        case = ("control", row["control_id"], row["release_id"])
        requests = grades(judge, roster, row["question"], history, row["answer"], case)
        yield _case(CONTROLS_VERSION, row["control_id"], row["release_id"], "", "planted", judge, "grade", roster, requests)


def grades(judge: Judge, roster: Roster, question: str, history: Sequence[Row], answer: str, case: tuple[str, str, str]) -> tuple[Request, ...]:
    """The two requests that grade one answer; `case` is its unit, the unit's id and the release."""
    unit, unit_id, release_id = case
    return tuple(
        Request(
            role=judge.role,
            model=judge.name,
            task="grade",
            template=prompts.GRADE,
            system=prompts.SYSTEMS[prompts.GRADE],
            prompt=prompts.grade(question, history, answer, roster.rubric, order),
            schema=Grade,
            unit=unit,
            unit_id=unit_id,
            release_id=release_id,
            order=order,
            evaluator_version=roster.version(judge, prompts.GRADE),
            sampling=judge.sampling,
        )
        for order in _ORDERS
    )


def _compare_cases(
    items: Mapping[tuple[str, str], Row], answers: pa.Table, registry: pa.Table, roster: Roster, week: date, seed: int, n_items: int
) -> Iterator[Case]:
    frozen = {key: row for key, row in items.items() if row["role"] == "frozen"}
    texts: dict[str, dict[tuple[str, str], Row]] = {}
    for row in answers.to_pylist():
        if row["status"] == "ok" and row["mode"] != "logged" and (row["version"], row["item_id"]) in frozen:
            texts.setdefault(row["release_id"], {})[row["version"], row["item_id"]] = row
    for candidate, baseline in pairs(registry, week):
        a, b = texts.get(candidate, {}), texts.get(baseline, {})
        both = sorted(set(a) & set(b), key=lambda key: uniform(seed, "compare", key[1]))[:n_items]
        for judge in roster.panel:
            for key in both:
                requests = _compares(judge, roster, frozen[key], candidate, baseline, (a[key]["answer"], b[key]["answer"]))
                yield _case(key[0], key[1], candidate, baseline, a[key]["mode"], judge, "compare", roster, requests)


def pairs(registry: pa.Table, week: date) -> list[tuple[str, str]]:
    """(candidate, baseline): each release that went live in `week`, and the release deployed before it."""
    rows = sorted(registry.to_pylist(), key=lambda r: (r["deployed_at"], r["release_id"]))
    return [(new["release_id"], old["release_id"]) for old, new in pairwise(rows) if new["week"] == week]


def _compares(judge: Judge, roster: Roster, item: Row, candidate: str, baseline: str, texts: tuple[str, str]) -> tuple[Request, ...]:
    return tuple(
        Request(
            role=judge.role,
            model=judge.name,
            task="compare",
            template=prompts.COMPARE,
            system=prompts.SYSTEMS[prompts.COMPARE],
            prompt=prompts.compare(item["question"], item["history"] or [], texts if order == 1 else (texts[1], texts[0]), roster.rubric),
            schema=Comparison,
            unit="item",
            unit_id=item["item_id"],
            release_id=candidate,
            baseline_release_id=baseline,
            order=order,
            evaluator_version=roster.version(judge, prompts.COMPARE),
            sampling=judge.sampling,
        )
        for order in _ORDERS
    )


def _case(version: str, item_id: str, release: str, baseline: str, mode: str, judge: Judge, task: str, roster: Roster, requests: tuple[Request, ...]) -> Case:
    template = prompts.COMPARE if task == "compare" else prompts.GRADE
    unit = "control" if version == CONTROLS_VERSION else "item"
    call_ids = tuple(r.call_id for r in requests)
    return Case(unit, version, item_id, release, baseline, mode, judge, task, roster.version(judge, template), requests, call_ids)


def _sorted(answers: pa.Table) -> list[Row]:
    return sorted(answers.to_pylist(), key=lambda r: (r["version"], r["item_id"], r["release_id"], r["mode"]))
