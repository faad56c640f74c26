"""Each panel's pass is attacked once, by a refuter that is kin to neither the judges nor the generator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.shared.llm import Request
from liveeval_assets.verdicts import prompts
from liveeval_assets.verdicts.calls import Result
from liveeval_assets.verdicts.plan import Row, items_of, sources_of
from liveeval_assets.verdicts.roster import Judge, Roster
from liveeval_assets.verdicts.schemas import Refutation
from liveeval_assets.verdicts.tables import REFUTATIONS

FIRST_ROUND = 1
Key = tuple[str, str, str, str, str]
"""(unit, version, item_id, release_id, mode): an answer that was judged."""


@dataclass(frozen=True)
class Attack:
    """One attack: on which answer, by whom, through which call."""

    key: Key
    refuter: Judge
    answer: str
    request: Request
    call_id: str


_VOTE = {"pass": 1.0, "split": 0.5, "fail": 0.0}


def passes(judged: pa.Table) -> list[Key]:
    """Answers that the panel passed (V = 1), sorted: the mean of its scored votes is above one half; a split is half a vote."""
    votes: dict[Key, list[float]] = {}
    for row in judged.to_pylist():
        if row["judge_role"] == "panel" and row["task"] == "grade" and row["status"] == "scored":
            votes.setdefault((row["unit"], row["version"], row["item_id"], row["release_id"], row["mode"]), []).append(_VOTE[row["verdict"]])
    return sorted(key for key, cast in votes.items() if 2 * sum(cast) > len(cast))


def plan_attacks(
    judged: pa.Table, versions: pa.Table, answers: pa.Table, controls: pa.Table, generators: Mapping[str, str], roster: Roster, seed: int
) -> list[Attack]:
    """One attack per pass of the week; `generators` has the family of each release.

    A pass for which no refuter is a stranger is not attacked; it stays unscored in the audit.
    """
    cases = _cases(versions, answers, controls)
    panel = {j.family for j in roster.panel}
    attacks = []
    for key in passes(judged):
        question, history, answer = cases[key]
        strangers = [r for r in roster.refuters if r.family not in panel | {generators.get(key[3], "")}]
        if strangers:
            refuter = strangers[int(uniform(seed, "refuter", *key) * len(strangers))]
            request = _request(key, refuter, roster, prompts.refute(question, history, answer, roster.rubric))
            attacks.append(Attack(key, refuter, answer, request, request.call_id))
    return attacks


def refutations(attacks: Iterable[Attack], results: Mapping[str, Result], week: date) -> pa.Table:
    """One row per attack. An attack whose evidence code did not find is void, and a void attack changes nothing."""
    return REFUTATIONS.rows([{**_identity(a), **_outcome(results.get(a.call_id)), "week": week} for a in attacks])


def _outcome(result: Result | None) -> dict[str, Any]:
    if result is None or result.status != "ok" or result.verdict is None:
        return {"status": "unscored", "is_refuted": None, "defect_class": None}
    if result.verdict == "refuted" and not result.evidence_verified:
        return {"status": "void", "is_refuted": False, "defect_class": result.defect_class}
    return {"status": "valid", "is_refuted": result.verdict == "refuted", "defect_class": result.defect_class}


def _identity(attack: Attack) -> dict[str, Any]:
    unit, version, item_id, release_id, mode = attack.key
    return {
        "unit": unit,
        "version": version,
        "item_id": item_id,
        "release_id": release_id,
        "mode": mode,
        "refuter": attack.refuter.name,
        "refuter_family": attack.refuter.family,
        "round": FIRST_ROUND,
        "call_id": attack.call_id,
    }


def _request(key: Key, refuter: Judge, roster: Roster, prompt: str) -> Request:
    unit, _, item_id, release_id, _ = key
    return Request(
        role="refuter",
        model=refuter.name,
        task="refute",
        template=prompts.REFUTE,
        system=prompts.SYSTEMS[prompts.REFUTE],
        prompt=prompt,
        schema=Refutation,
        unit=unit,
        unit_id=item_id,
        release_id=release_id,
        round=FIRST_ROUND,
        evaluator_version=roster.version(refuter, prompts.REFUTE),
        sampling=refuter.sampling,
    )


def _cases(versions: pa.Table, answers: pa.Table, controls: pa.Table) -> dict[Key, tuple[str, Sequence[Row], str]]:
    items = items_of(versions)
    found: dict[Key, tuple[str, Sequence[Row], str]] = {}
    for row in answers.to_pylist():
        item = items.get((row["version"], row["item_id"]))
        if item is not None and row["status"] == "ok":
            found["item", row["version"], row["item_id"], row["release_id"], row["mode"]] = (item["question"], item["history"] or [], row["answer"])
    sources = sources_of(items)
    for row in controls.to_pylist():
        history = (sources.get(row["source_item_id"]) or {}).get("history") or []
        found["control", "controls", row["control_id"], row["release_id"], "planted"] = (row["question"], history, row["answer"])
    return found
