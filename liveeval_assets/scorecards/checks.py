"""Checks of the stage `scorecards`."""

from __future__ import annotations

from collections import defaultdict

import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
SCORES = TABLES["scorecards/scores"]
GAP = TABLES["scorecards/gap"]
_TOLERANCE = 1e-9


def _no_control(tables: Tables) -> CheckResult:
    controls = tables["verdicts/controls"]["control_id"]
    n = pc.sum(pc.is_in(tables["scorecards/item_scores"]["unit_id"], controls.combine_chunks())).as_py() or 0
    return CheckResult(n == 0, {"controls": n}, "" if n == 0 else "a planted control reached the scores; the join of verdicts lost its unit")


def _labels_have_probability(tables: Tables) -> CheckResult:
    rows = tables["scorecards/item_scores"]
    bare = rows.filter(pc.and_(pc.is_valid(rows["label_y"]), pc.is_null(rows["label_probability"]))).num_rows
    return CheckResult(bare == 0, {"without_probability": bare}, "" if bare == 0 else "labels without a planned probability cannot be weighted; remove them from the inbox")


def _one_headline(tables: Tables) -> CheckResult:
    rows = tables["scorecards/scores"]
    headlines = rows.filter(rows["is_headline"])["release_id"].to_pylist()
    repeated = len(headlines) - len(set(headlines))
    return CheckResult(repeated == 0, {"headlines": len(headlines)}, "" if repeated == 0 else "two measures claim to be the headline of one release")


def _sums_to_gap(tables: Tables) -> CheckResult:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    totals: dict[tuple[str, str], float] = {}
    for row in tables["scorecards/gap"].to_pylist():
        key = (row["release_id"], row["form"])
        if row["component"] == "gap":
            totals[key] = row["estimate"]
        elif not row["component"].startswith("bar_"):
            sums[key] += row["estimate"] or 0.0
    worst = max((abs(sums[k] - total) for k, total in totals.items()), default=0.0)
    return CheckResult(worst < _TOLERANCE, {"worst_difference": worst}, "" if worst < _TOLERANCE else "components do not sum to the gap")


ITEM_SCORES_CHECKS = (
    Check("no_control_is_scored", ITEM_SCORES, _no_control, "Anti-join: no planted control is a unit of a score."),
    Check("labels_have_probability", ITEM_SCORES, _labels_have_probability, "Every label was planned with a known probability."),
)
SCORES_CHECKS = (Check("one_headline", SCORES, _one_headline, "At most one measure of a release is the headline."),)
GAP_CHECKS = (Check("sums_to_gap", GAP, _sums_to_gap, "Components, uncovered and not_identified sum to the gap."),)
