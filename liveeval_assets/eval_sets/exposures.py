"""Which items left the lake: counts of sends per item, model and purpose."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.tables import TABLES

_PURPOSES = {"naive": "judge", "panel": "judge", "refuter": "refute", "release": "answer"}


def build_exposures(calls: pa.Table, week: date) -> pa.Table:
    """Rows of eval_sets/exposures from the calls of `week`; repeated rows of one call count once, controls not at all."""
    spec = TABLES["eval_sets/exposures"]
    items = calls.filter(pc.equal(calls.column("unit"), "item")).select(["call_id", "unit_id", "model", "family", "role"])
    if not items.num_rows:
        return spec.empty()
    once = items.group_by(items.column_names).aggregate([])
    purpose = pa.array([_PURPOSES[r] for r in once.column("role").to_pylist()], pa.string())
    once = once.append_column("purpose", purpose)
    counted = once.group_by(["unit_id", "model", "family", "purpose"]).aggregate([("call_id", "count_distinct")])
    counted = counted.sort_by([("unit_id", "ascending"), ("model", "ascending"), ("purpose", "ascending")])
    columns = {
        "week": pa.array([week] * counted.num_rows, pa.date32()),
        "item_id": counted.column("unit_id"),
        "model": counted.column("model"),
        "family": counted.column("family"),
        "purpose": counted.column("purpose"),
        "n_calls": counted.column("call_id_count_distinct"),
    }
    return pa.table(columns, schema=spec.schema)
