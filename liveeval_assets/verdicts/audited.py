"""What is left of the panel's passes after the attacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.verdicts.refute import FIRST_ROUND, Key, passes
from liveeval_assets.verdicts.tables import AUDITED


def audit(judged: pa.Table, refutations: pa.Table, week: date) -> pa.Table:
    """One row per pass: survived, refuted, contested (attackers disagree) or unscored (no attack was answered)."""
    attacks: dict[Key, list[dict[str, Any]]] = {}
    for row in refutations.to_pylist():
        attacks.setdefault((row["unit"], row["version"], row["item_id"], row["release_id"], row["mode"]), []).append(row)
    return AUDITED.rows([{**_identity(key), **_status(attacks.get(key, [])), "week": week} for key in passes(judged)])


def _status(attacks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Status, Z1 (the first refuter's finding) and the number of answered attacks. A void attack counts as one that failed."""
    answered = [a for a in attacks if a["status"] != "unscored"]
    first = next((a for a in answered if a["round"] == FIRST_ROUND), None)
    findings = {bool(a["is_refuted"]) for a in answered}
    status = "unscored" if not findings else "contested" if len(findings) == 2 else "refuted" if True in findings else "survived"
    return {"status": status, "Z1": float(first["is_refuted"]) if first else None, "n_refuters": len(answered)}


def _identity(key: Key) -> dict[str, Any]:
    return dict(zip(("unit", "version", "item_id", "release_id", "mode"), key, strict=True))
