"""The ladder: named numbers from the naive offline score down to the north star, each step removing one defect.

The rungs are t0 = mean J1 on the evaluated set; t1 = mean of both orders; t2 and t3 remove length and kinship; t4 removes
bad answers passed; t5 = mean psi; t6 leaves out leaked items; t7 weighs strata as production does; t7b takes this period's
items instead; t8 adds the strata that the set does not have; t9 = mean outcome of all traffic; t10 = mean observed outcome.
A rung that the data cannot tell is None; what lies between known rungs is one lump, `not_identified`. After Kitagawa (1955)
for composition, and the shared-replicate covariance of all rungs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from liveeval_assets.scorecards.book import Book
from liveeval_assets.scorecards.slopes import Slopes
from liveeval_assets.shared.stats import weighted_mean

STEPS = (
    ("position", "t0", "t1"),
    ("verbosity", "t1", "t2"),
    ("self_pref", "t2", "t3"),
    ("false_pass", "t3", "t4"),
    ("false_fail", "t4", "t5"),
    ("contamination", "t5", "t6"),
    ("mix", "t6", "t7"),
    ("within", "t7", "t7b"),
    ("uncovered", "t7b", "t8"),
    ("construct", "t8", "t9"),
    ("selection", "t9", "t10"),
)
MIN_ITEMS = 5
NO_LABELS = "no human labels: the judge's errors cannot be told from the rest"
NO_LENGTH = "answer lengths do not vary, or too few labels"
NO_FAMILY = "the judge has not graded labelled answers of releases both inside and outside its family; its share is inside false_pass"
NO_FROZEN = "the release has not answered a frozen set: old and new items cannot be compared"
NO_COVER = "no stratum has five clean frozen and five living items"
NO_LIVING = "no labelled living items in the release's weeks"


@dataclass(frozen=True)
class Ladder:
    """Components of one release's gap in each replicate, shape (B + 1,); None where not identified.

    `lumped` is the mass of all that is not identified: components + lumped = gap in every replicate.
    """

    components: Mapping[str, np.ndarray | None]
    lumped: np.ndarray
    gap: np.ndarray
    reasons: Mapping[str, str]
    rungs: Mapping[str, np.ndarray]
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def climb(book: Book, release: str, slopes: Slopes | None) -> Ladder | None:
    """The ladder of a release; None if it has no offline score or no observed outcome."""
    frozen, living, traffic = (book.where(p, release) for p in ("frozen", "living", "traffic"))
    evaluated = _judged(frozen if len(frozen) else living)
    seen = traffic.take(np.flatnonzero(traffic["observed"] == 1))
    if not len(evaluated) or not len(seen):
        return None
    rungs: dict[str, np.ndarray | None] = {}
    reasons: dict[str, str] = {}
    _judge_rungs(rungs, reasons, evaluated, slopes)
    if len(frozen):
        _set_rungs(rungs, reasons, _with_quality(frozen), _with_quality(living), traffic)
    else:
        reasons |= dict.fromkeys(("contamination", "mix", "within", "uncovered"), NO_FROZEN)
        rungs |= dict.fromkeys(("t6", "t7", "t7b"))
        rungs["t8"] = _produced(_with_quality(living), traffic)
    _outcome_rungs(rungs, traffic, seen)
    if rungs["t8"] is None:
        reasons.setdefault("construct", NO_LIVING if len(living) and evaluated.has_quality else NO_LABELS)
    n_labels = int(evaluated.labelled.sum())
    counts = {
        "judge": (len(evaluated), n_labels),
        "test_set": (len(evaluated) + len(living), n_labels + int(living.labelled.sum())),
        "construct": (len(living) + len(traffic), int(living.labelled.sum())),
        "selection": (len(traffic), 0),
    }
    return _components(rungs, reasons, counts)


def _judged(rows: Book) -> Book:
    return rows.take(np.flatnonzero(~np.isnan(rows["J1"]) & ~np.isnan(rows["J2"])))


def _with_quality(rows: Book) -> Book:
    """All rows if quality is known of them, else none."""
    return rows if rows.has_quality else rows.take(np.arange(0))


def _judge_rungs(rungs: dict[str, np.ndarray | None], reasons: dict[str, str], rows: Book, slopes: Slopes | None) -> None:
    """t0..t5 on the evaluated set."""
    t0 = weighted_mean(rows.r, rows["J1"])
    t1 = weighted_mean(rows.r, (rows["J1"] + rows["J2"]) / 2)
    rungs |= {"t0": t0, "t1": t1, "t2": None, "t3": None, "t4": None, "t5": None}
    if slopes is None or not rows.has_quality:
        reasons |= dict.fromkeys(("verbosity", "self_pref", "false_pass", "false_fail"), NO_LABELS)
        return
    if slopes.length is None:
        # without length variation its effect sits in the intercept, and so in false_pass
        reasons |= dict.fromkeys(("verbosity", "self_pref"), NO_LENGTH)
        t2 = t1
    else:
        rungs["t2"] = t2 = t1 - slopes.length * weighted_mean(rows.r, rows["ell"])
    exposure = weighted_mean(rows.r, rows["f"])
    if slopes.family is not None:
        t3 = t2 - slopes.family * exposure
    else:
        t3 = t2
        if exposure[0] > 0:
            reasons["self_pref"] = NO_FAMILY
    rungs["t3"] = t3
    rungs["t4"] = t3 - weighted_mean(rows.r, slopes.intercept(rows.stratum) * (1 - rows.psi))
    rungs["t5"] = weighted_mean(rows.r, rows.psi)


def _set_rungs(rungs: dict[str, np.ndarray | None], reasons: dict[str, str], frozen: Book, living: Book, traffic: Book) -> None:
    """t6..t8: leaked items out, production's shares in, this period's items in, uncovered strata in."""
    rungs |= dict.fromkeys(("t6", "t7", "t7b", "t8"))
    clean = frozen.take(np.flatnonzero(frozen["contaminated"] != 1))
    names = np.unique(np.concatenate([frozen.stratum, living.stratum, traffic.stratum]))
    enough = [(clean.stratum == s).sum() >= MIN_ITEMS and (living.stratum == s).sum() >= MIN_ITEMS for s in names]
    covered = names[np.array(enough, dtype=bool)]
    rungs["t8"] = _produced(living, traffic)
    if not len(frozen) or not len(living):
        why = NO_LABELS if not len(frozen) else NO_LIVING
        reasons |= dict.fromkeys(("contamination", "mix", "within", "uncovered"), why)
        return
    if not len(covered):
        reasons |= dict.fromkeys(("contamination", "mix", "within", "uncovered"), NO_COVER)
        return
    eval_shares, produced_shares = _shares(frozen, covered), _shares(traffic, covered)
    clean_means, living_means = _means(clean, covered), _means(living, covered)
    rungs["t6"] = (eval_shares * clean_means).sum(axis=1)
    rungs["t7"] = (produced_shares * clean_means).sum(axis=1)
    rungs["t7b"] = (produced_shares * living_means).sum(axis=1)


def _produced(living: Book, traffic: Book) -> np.ndarray | None:
    """t8: mean psi of living items under production's shares of all strata that have living items."""
    if not len(living):
        return None
    names = np.unique(living.stratum)
    return np.asarray((_shares(traffic, names) * _means(living, names)).sum(axis=1))


def _outcome_rungs(rungs: dict[str, np.ndarray | None], traffic: Book, seen: Book) -> None:
    """t9 by augmented inverse-probability weighting of the mature traffic, t10 as the dashboard has it."""
    mature = traffic.take(np.flatnonzero(~np.isnan(traffic["observed"])))
    rungs["t10"] = weighted_mean(seen.r, seen["y"])
    if np.isnan(mature["mu"]).any():
        rungs["t9"] = None
        return
    residual = np.where(mature["observed"] == 1, np.nan_to_num(mature["y"]) - mature["mu"], 0.0)
    rungs["t9"] = weighted_mean(mature.r, mature["mu"] + residual / mature["propensity"])


def _components(
    rungs: Mapping[str, np.ndarray | None], reasons: dict[str, str], counts: Mapping[str, tuple[int, int]]
) -> Ladder:
    """Differences of neighbouring known rungs; what spans an unknown rung is lumped."""
    known = {n: t for n, t in rungs.items() if t is not None}
    gap = known["t0"] - known["t10"]
    found: dict[str, np.ndarray | None] = {}
    total = np.zeros_like(gap)
    for name, upper, lower in STEPS:
        has_both = upper in known and lower in known
        found[name] = known[upper] - known[lower] if has_both else None
        if has_both:
            total = total + known[upper] - known[lower]
    if reasons.get("self_pref") == NO_FAMILY:
        # its zero is not a finding: the mass cannot be parted from false_pass
        found["self_pref"] = None
    for name, value in found.items():
        if value is None:
            reasons.setdefault(name, NO_LABELS)
    return Ladder(found, gap - total, gap, reasons, known, counts)


def _shares(rows: Book, names: np.ndarray) -> np.ndarray:
    """Share of each named stratum among them, (B + 1, names)."""
    mass = rows.r @ (rows.stratum[:, None] == names[None, :]).astype(float)
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _means(rows: Book, names: np.ndarray) -> np.ndarray:
    """Mean psi in each named stratum, (B + 1, names)."""
    dummies = (rows.stratum[:, None] == names[None, :]).astype(float)
    return np.asarray(((rows.r * rows.psi) @ dummies) / (rows.r @ dummies))
