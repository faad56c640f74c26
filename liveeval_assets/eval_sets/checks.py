"""What must hold of the stage's tables before they are written."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

_VERSIONS = TABLES["eval_sets/versions"]
_MANIFESTS = TABLES["eval_sets/manifests"]


def _manifests_fit(tables: Tables) -> CheckResult:
    counted = tables["eval_sets/versions"].group_by("version").aggregate([("item_id", "count")])
    items = _column(counted, "version", "item_id_count")
    named = _column(tables["eval_sets/manifests"], "version", "n_items")
    odd = sum(items.get(version) != n for version, n in named.items())
    return CheckResult(not odd, {"manifests": len(named), "odd": odd}, "a manifest does not fit its version")


def _drawn_items_only(tables: Tables) -> CheckResult:
    versions = tables["eval_sets/versions"]
    living = versions.filter(pc.equal(versions.column("role"), "living")).column("item_id")
    drawn = tables["samples/drawn"].column("item_id")
    n_known = int(pc.sum(pc.is_in(living, drawn.combine_chunks())).as_py() or 0)
    return CheckResult(n_known == len(living) == len(drawn), {"living": len(living), "drawn": len(drawn)}, "the living version must be the draw")


def _one_frozen(tables: Tables) -> CheckResult:
    n = sum("frozen" in tags for tags in tables["eval_sets/manifests"].column("tags").to_pylist())
    return CheckResult(n <= 1, {"frozen": n}, "at most one version is tagged frozen")


def _is_covered(tables: Tables) -> CheckResult:
    stale = tables["eval_sets/staleness"].filter(tables["eval_sets/staleness"].column("is_stale"))
    return CheckResult(not stale.num_rows, {"stale": stale.num_rows}, "a version no longer speaks for production; see the sentence in eval_sets/staleness")


def _known_items(tables: Tables) -> CheckResult:
    items = tables["eval_sets/versions"].column("item_id").combine_chunks()
    found = tables["eval_sets/contamination"].column("item_id")
    unknown = len(found) - int(pc.sum(pc.is_in(found, items)).as_py() or 0)
    return CheckResult(not unknown, {"unknown": unknown}, "refresh eval_sets/versions first")


def _column(table: pa.Table, key: str, value: str) -> Mapping[str, int]:
    return dict(zip(table.column(key).to_pylist(), table.column(value).to_pylist(), strict=True))


VERSIONS = (Check("is_the_draw", _VERSIONS, _drawn_items_only, "The living version holds the drawn items and no other."),)
MANIFESTS = (
    Check("manifests_fit", _MANIFESTS, _manifests_fit, "Every manifest counts the items of its version."),
    Check("one_frozen", _MANIFESTS, _one_frozen, "At most one version of a week is tagged frozen."),
)
CONTAMINATION = (Check("known_items", TABLES["eval_sets/contamination"], _known_items, "Every suspicion names an item of a version."),)
STALENESS = (Check("is_fresh", TABLES["eval_sets/staleness"], _is_covered, "Every version is still worth enough of its items.", is_blocking=False),)
