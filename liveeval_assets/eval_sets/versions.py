"""Eval-set versions: this week's draw as a living version, and in the first week the frozen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import digest_json, uniform
from liveeval_assets.tables import TABLES

FROZEN = "frozen"


def living_name(week: date) -> str:
    """Name of the living version of a week."""
    return f"living-{week:%Y-%m-%d}"


def build_versions(drawn: pa.Table, anonymised: pa.Table, imported: pa.Table, open_share: float, seed: int, week: date, *, is_first: bool) -> pa.Table:
    """Rows of eval_sets/versions made in `week`; a team without a static set has its first draw frozen.

    Args:
        drawn: the draw of the week.
        anonymised: the conversations of the week.
        imported: the static set; empty except in the first week.
        open_share: share of items in the open split.
        seed: seed of every hash.
        week: the week of the run.
        is_first: whether it is the first week with items.
    """
    living = [_living(row, week) for row in _with_text(drawn, anonymised)]
    frozen = [_frozen(row) for row in imported.sort_by("item_id").to_pylist()]
    if is_first and not frozen:
        # a plain list, like an imported one: each item counts once
        frozen = [{**row, "version": FROZEN, "role": "frozen", "weight": 1.0} for row in living]
    rows = [_finished(row, open_share, seed, week) for row in (*living, *frozen)]
    return TABLES["eval_sets/versions"].rows(rows)


def _living(row: Mapping[str, Any], week: date) -> dict[str, Any]:
    carried = ("item_id", "conversation_id", "release_id", "user_key", "stratum_id", "history", "question", "weight")
    return {"version": living_name(week), "role": "living", "provenance": "production", **{k: row[k] for k in carried}}


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    carried = {k: row[k] for k in ("item_id", "stratum_id", "history", "question")}
    return {"version": FROZEN, "role": "frozen", "provenance": "imported", "user_key": row["item_id"], "weight": 1.0, **carried}


def _finished(row: Mapping[str, Any], open_share: float, seed: int, week: date) -> dict[str, Any]:
    # by the item alone: what is sealed in one version must not be open in another
    is_open = uniform(seed, "split", row["item_id"]) < open_share
    return {
        **row,
        "week": week,
        "split": "open" if is_open else "sealed",
        "split_probability": open_share if is_open else 1 - open_share,
        "status": "active",
        "item_hash": digest_json([row["history"], row["question"]]),
    }


def _with_text(drawn: pa.Table, anonymised: pa.Table) -> Iterable[dict[str, Any]]:
    """Drawn rows with history and question, in the order of their ids."""
    wanted = anonymised.filter(pc.is_in(anonymised.column("conversation_id"), drawn.column("conversation_id").combine_chunks()))
    by_id = {row["conversation_id"]: row for row in wanted.select(["conversation_id", "history", "question"]).to_pylist()}
    return [{**row, **by_id[row["conversation_id"]]} for row in drawn.sort_by("item_id").to_pylist()]
