"""From what models replied to what the call log says of it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.verdicts.evidence import is_verbatim
from liveeval_assets.verdicts.tables import CALLS


@dataclass(frozen=True)
class Result:
    """How a call ended and what it said."""

    status: str
    verdict: str | None = None
    defect_class: str | None = None
    evidence_verified: bool | None = None


def settle(task: str, value: Mapping[str, Any], answer: str) -> Result:
    """What a parsed reply says; a refuter's evidence is looked up in the answer that it attacked."""
    if "evidence_verified" in value:
        # served from a journal that was refilled from the lake: settled then
        return Result("ok", value["verdict"], value["defect_class"], value["evidence_verified"])
    if task == "grade":
        return Result("ok", value["verdict"])
    if task == "compare":
        return Result("ok", value["winner"])
    if task == "refute":
        is_verified = is_verbatim(value["evidence_span"], answer)
        return Result("ok", "refuted" if value["refuted"] else "stands", value["defect_class"], is_verified if value["refuted"] else None)
    return Result("ok")


def results_of_records(records: Iterable[Mapping[str, Any]], attacked: Mapping[str, str]) -> dict[str, Result]:
    """Results by call_id of finished calls; `attacked` has the answer that each refuting call saw."""
    return {r["call_id"]: _result(r, attacked) for r in records}


def results_of_table(calls: pa.Table) -> dict[str, Result]:
    """Results by call_id of the call log."""
    names = ("call_id", "status", "verdict", "defect_class", "evidence_verified")
    columns = (calls.column(n).to_pylist() for n in names)
    return {call_id: Result(*rest) for call_id, *rest in zip(*columns, strict=True)}


def _result(record: Mapping[str, Any], attacked: Mapping[str, str]) -> Result:
    if record["status"] != "ok" or not record["value"]:
        return Result(record["status"])
    return settle(record["task"], record["value"], attacked.get(record["call_id"], ""))


def call_table(records: Sequence[Mapping[str, Any]], attacked: Mapping[str, str], week: date) -> pa.Table:
    """The week's rows of the call log, each call once."""
    results = results_of_records(records, attacked)
    rows = []
    for record in {r["call_id"]: r for r in records}.values():
        result = results[record["call_id"]]
        said = {"verdict": result.verdict, "defect_class": result.defect_class, "evidence_verified": result.evidence_verified}
        rows.append({**{k: v for k, v in record.items() if k != "value"}, **said, "week": week})
    return CALLS.rows(rows)
