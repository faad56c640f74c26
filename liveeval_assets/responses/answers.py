"""All answers of a week, however they came about, in one table.

Replayed answers are stored as they come: they were written from anonymised prompts, so they know nobody of production.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.responses.plan import Replay, living
from liveeval_assets.responses.tables import ANSWERS
from liveeval_assets.shared.llm import Reply


def logged(versions: pa.Table, anonymised: pa.Table, week: date) -> list[dict[str, Any]]:
    """What production answered to this week's living items."""
    given = dict(zip(anonymised["item_id"].to_pylist(), anonymised["answer"].to_pylist(), strict=True))
    items = [i for i in living(versions, week) if i["item_id"] in given]
    return [_row(i, i["release_id"], "logged", "ok", given[i["item_id"]], None) for i in items]


def replayed(asked: Iterable[tuple[Replay, Mapping[str, Any], object]], replies: Sequence[Reply]) -> list[dict[str, Any]]:
    """What releases answered anew; an answer that failed is a row with its status."""
    return [
        _row(item, replay.release["release_id"], "replayed", reply.status, str((reply.value or {}).get("text", "")), reply.call_id)
        for (replay, item, _), reply in zip(asked, replies, strict=True)
    ]


def imported(replays: Iterable[Replay], files: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Answers of releases that answer by file; `files` has each release's answers by item."""
    return [
        _row(item, replay.release["release_id"], "imported", "ok", files[replay.release["release_id"]][item["item_id"]], None)
        for replay in replays
        if replay.release["answers_by"] == "file"
        for item in replay.items
        if item["item_id"] in files[replay.release["release_id"]]
    ]


def table(rows: Sequence[dict[str, Any]], week: date) -> pa.Table:
    """Rows of the week; an answer asked for twice (frozen and bridge never overlap) stands once."""
    key = ANSWERS.key
    distinct = {tuple(r[k] for k in key): r for r in rows}
    return ANSWERS.rows([{**r, "week": week} for _, r in sorted(distinct.items())])


def _row(item: Mapping[str, Any], release: str, mode: str, status: str, text: str, call_id: str | None) -> dict[str, Any]:
    is_ok = status == "ok"
    return {
        "version": item["version"],
        "item_id": item["item_id"],
        "release_id": release,
        "mode": mode,
        "status": status,
        "answer": text if is_ok else None,
        "n_characters": len(text) if is_ok else None,
        "call_id": call_id,
    }
