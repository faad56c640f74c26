"""Manifests: what pins a version, where it comes from, and what changed since its parent."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import digest_json
from liveeval_assets.tables import TABLES

_CONTENT = ("item_id", "item_hash", "stratum_id", "split", "weight", "status")


def build_manifests(versions: pa.Table, past_scores: str | None, week: date) -> pa.Table:
    """Rows of eval_sets/manifests for the versions made in `week`.

    Args:
        versions: rows of eval_sets/versions up to `week`.
        past_scores: JSON by release of an imported set.
        week: the week of the run.
    """
    made = sorted({(row["week"], row["version"], row["role"]) for row in versions.select(["week", "version", "role"]).to_pylist()})
    rows = []
    for _, name, role in [m for m in made if m[0] == week]:
        items = versions.filter(pc.equal(versions.column("version"), name)).sort_by("item_id")
        parent = max(((w, v) for w, v, r in made if r == role and w < week), default=(None, None))[1]
        now, before = set(items.column("item_id").to_pylist()), _items_of(versions, parent)
        rows.append(
            {
                "week": week,
                "version": name,
                "role": role,
                "content_hash": digest_json([list(row.values()) for row in items.select(_CONTENT).to_pylist()]),
                "parent": parent,
                "n_items": items.num_rows,
                "n_sealed": items.column("split").to_pylist().count("sealed"),
                "added": len(now - before),
                "removed": len(before - now),
                "tags": ["frozen"] if role == "frozen" else [],
                "past_scores": past_scores if role == "frozen" else None,
            }
        )
    return TABLES["eval_sets/manifests"].rows(rows)


def _items_of(versions: pa.Table, name: str | None) -> set[str]:
    if name is None:
        return set()
    return set(versions.filter(pc.equal(versions.column("version"), name)).column("item_id").to_pylist())
