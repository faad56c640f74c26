"""Checks of the stage `scorecards`."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.shared.stats import Z95
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
SCORES = TABLES["scorecards/scores"]
GAP = TABLES["scorecards/gap"]
_TOLERANCE = 1e-9
_MIN_DISCERNMENT = 0.2
_MIN_LABELS = 30


def _no_control(tables: Tables) -> CheckResult:
    controls = tables["verdicts/controls"]["control_id"]
    n = pc.sum(pc.is_in(tables["scorecards/item_scores"]["unit_id"], controls.combine_chunks())).as_py() or 0
    return CheckResult(n == 0, {"controls": n}, "" if n == 0 else "a planted control reached the scores; the join of verdicts lost its unit")


def _served_are_scored(tables: Tables) -> CheckResult:
    units = tables["scorecards/item_scores"]
    is_traffic = pc.equal(units["population"], "traffic")
    current = units.filter(pc.and_(is_traffic, pc.equal(units["unit_week"], units["week"])))
    # a release that has just begun may have neither an outcome nor a sealed item yet
    has_score = units.filter(
        pc.or_(pc.is_valid(units["y"]), pc.and_(pc.invert(is_traffic), pc.and_(pc.not_equal(units["split"], "open"), pc.is_valid(units["J1"]))))
    )
    due = set(current["release_id"].to_pylist()) & set(has_score["release_id"].to_pylist()) & set(tables["releases/registry"]["release_id"].to_pylist())
    missing = sorted(due - set(tables["scorecards/scores"]["release_id"].to_pylist()))
    return CheckResult(not missing, {"releases": len(missing)}, f"{', '.join(missing)} served this week and got no score; report it" if missing else "")


def _served_are_units(tables: Tables) -> CheckResult:
    units = tables["scorecards/item_scores"]
    traffic = units.filter(pc.equal(units["population"], "traffic"))
    missing = set(tables["samples/assigned"]["release_id"].to_pylist()) - set(traffic["release_id"].to_pylist())
    return CheckResult(not missing, {"releases": len(missing)}, "" if not missing else "a release served this week and has no unit; report it")


def _labels_have_probability(tables: Tables) -> CheckResult:
    rows = tables["scorecards/item_scores"]
    bare = rows.filter(pc.and_(pc.is_valid(rows["label_y"]), pc.is_null(rows["label_probability"]))).num_rows
    mend = "labels without a planned probability cannot be weighted; remove them from the inbox"
    return CheckResult(bare == 0, {"without_probability": bare}, "" if bare == 0 else mend)


def _weights_are_positive(tables: Tables) -> CheckResult:
    rows = tables["scorecards/item_scores"]
    n = rows.num_rows - rows.filter(pc.greater(rows["weight"], 0.0)).num_rows
    return CheckResult(n == 0, {"without_weight": n}, "" if n == 0 else "a unit that stands for nobody was drawn; the draw's probabilities are wrong")


def _judge_beats_chance(tables: Tables) -> CheckResult:
    """TPR + TNR - 1 of both orders over labelled items, q weighing an answer as good and 1 - q as bad."""
    rows = tables["scorecards/item_scores"]
    rows = rows.filter(pc.and_(pc.is_valid(rows["J1"]), pc.is_valid(rows["label"])))
    judged, q, pi = (np.asarray(rows[n], dtype=float) for n in ("J1", "label", "label_probability"))
    good, bad = q / pi, (1 - q) / pi
    if len(q) < _MIN_LABELS or good.sum() <= 0 or bad.sum() <= 0:
        return CheckResult(passed=True, counts={"labels": len(q)})
    tpr, fpr = float(good @ judged / good.sum()), float(bad @ judged / bad.sum())
    # an approximate standard error: the two rates rest on different answers
    se = math.sqrt(max(tpr * (1 - tpr), 0) / good.sum() + max(fpr * (1 - fpr), 0) / bad.sum())
    is_fine = tpr - fpr - Z95 * se > _MIN_DISCERNMENT
    mend = "the naive judge hardly tells good answers from bad ones; look at its prompt and rubric before its score"
    return CheckResult(is_fine, {"TPR + TNR - 1": tpr - fpr, "se": se, "labels": len(q)}, "" if is_fine else mend)


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
    Check("served_are_units", ITEM_SCORES, _served_are_units, "Every release that answered somebody in the week has units."),
    Check("labels_have_probability", ITEM_SCORES, _labels_have_probability, "Every label was planned with a known probability."),
    Check("weights_are_positive", ITEM_SCORES, _weights_are_positive, "Every unit stands for at least somebody."),
    Check("judge_beats_chance", ITEM_SCORES, _judge_beats_chance, "TPR + TNR - 1 of the naive judge is surely above .2.", is_blocking=False),
)
SCORES_CHECKS = (
    Check("one_headline", SCORES, _one_headline, "At most one measure of a release is the headline."),
    Check("served_are_scored", SCORES, _served_are_scored, "Every release that answered somebody in the week has a score; only without one there is none."),
)
GAP_CHECKS = (Check("sums_to_gap", GAP, _sums_to_gap, "Components, uncovered and not_identified sum to the gap."),)
