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
from liveeval_assets.scorecards.traffic import Traffic
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
NO_LABELS = "too few human labels: the judge's errors cannot be told from the rest"
NO_LENGTH = "answer lengths do not vary"
NO_FAMILY = "the judge has not graded labelled answers of releases both inside and outside its family; its share is inside false_pass"
HOLDS_FAMILY = "includes what the judge gives its own kin, which cannot be told apart here"
NO_FROZEN = "the release has not answered a frozen set: old and new items cannot be compared"
NO_COVER = "no stratum has five clean frozen and five living items"
NO_LIVING = "too few labelled living items in the release's weeks"
NO_OUTCOMES = "too few outcomes to correct for who answered"


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


def climb(book: Book, traffic: Traffic, release: str, slopes: Slopes | None) -> Ladder | None:
    """The ladder of a release; None if it has no offline score or no observed outcome."""
    # the evaluated set is what the judge has scored: every rung of it rests on the same answers
    answered, living = book.where("frozen", release), book.where("living", release)
    frozen = answered.known("J1", "J2")
    evaluated = frozen if len(answered) else living.sealed.known("J1", "J2")
    if not len(evaluated) or not traffic.n("seen"):
        return None
    rungs: dict[str, np.ndarray | None] = {}
    reasons: dict[str, str] = {}
    _judge_rungs(rungs, reasons, evaluated, slopes)
    _set_rungs(rungs, reasons, frozen, living, traffic)
    rungs |= {"t9": traffic.adjusted_mean() if traffic.has_model else None, "t10": traffic.seen_mean()}
    if traffic.has_model:
        reasons |= _tilted(rungs["t8"], traffic)
    else:
        reasons["selection"] = NO_OUTCOMES
    if rungs["t8"] is None:
        reasons["construct"] = NO_LIVING
    elif rungs["t9"] is None:
        reasons["construct"] = NO_OUTCOMES
    counts = {
        "judge": (len(evaluated), evaluated.n_labels),
        "test_set": (len(frozen) + len(living), frozen.n_labels + living.n_labels),
        "construct": (len(living) + traffic.n("mature"), living.n_labels),
        "selection": (traffic.n("mature"), 0),
    }
    return _components(rungs, reasons, counts)


def _tilted(t8: np.ndarray | None, traffic: Traffic) -> dict[str, str]:
    """What is known of outcomes missing for reasons of their own: selection within a band, its sum with construct a point."""
    low, high = (float(traffic.adjusted_mean()[0]) + shift for shift in traffic.tilt)
    seen = float(traffic.seen_mean()[0])
    text = "{:+.1f} to {:+.1f} points if the odds of a good outcome among the silent were 0.37 to 2.7 times those of comparable people who answered"
    found = {"selection": text.format(100 * (low - seen), 100 * (high - seen))}
    if t8 is not None:
        found["construct"] = text.format(100 * (float(t8[0]) - low), 100 * (float(t8[0]) - high))
    return found


def _judge_rungs(rungs: dict[str, np.ndarray | None], reasons: dict[str, str], rows: Book, slopes: Slopes | None) -> None:
    """t0..t5 on the evaluated answers."""
    t1 = weighted_mean(rows.r, (rows["J1"] + rows["J2"]) / 2)
    rungs |= {"t0": weighted_mean(rows.r, rows["J1"]), "t1": t1, "t2": None, "t3": None, "t4": None, "t5": None}
    if slopes is None or not rows.has_quality:
        reasons |= dict.fromkeys(("verbosity", "self_pref", "false_pass", "false_fail"), NO_LABELS)
        return
    if slopes.length is None:
        # without length variation its effect sits in the intercept, and so in false_pass
        reasons["verbosity"] = NO_LENGTH
        t2 = t1
    else:
        sized = rows.known("ell")
        t2 = t1 - slopes.length * weighted_mean(sized.r, sized["ell"])
    exposure = weighted_mean(rows.r, rows["f"])
    if slopes.family is not None:
        t3 = t2 - slopes.family * exposure
    else:
        t3 = t2
        if exposure[0] > 0:
            reasons |= {"self_pref": NO_FAMILY, "false_pass": HOLDS_FAMILY}
    rungs |= {"t2": t2, "t3": t3, "t5": weighted_mean(rows.r, rows.psi)}
    rungs["t4"] = t3 - weighted_mean(rows.r, slopes.intercept(rows.stratum) * (1 - rows.psi))


def _set_rungs(rungs: dict[str, np.ndarray | None], reasons: dict[str, str], frozen: Book, living: Book, traffic: Traffic) -> None:
    """t6..t8: leaked items out, production's shares in, this period's items in, uncovered strata in."""
    rungs |= dict.fromkeys(("t6", "t7", "t7b"))
    rungs["t8"] = _produced(living, traffic) if living.has_quality else None
    clean = frozen.take(np.flatnonzero(frozen["contaminated"] != 1))
    why = NO_FROZEN if not len(frozen) else NO_LABELS if not frozen.has_quality else NO_LIVING if rungs["t8"] is None else ""
    names = np.unique(clean.stratum)
    enough = [(clean.stratum == s).sum() >= MIN_ITEMS and (living.stratum == s).sum() >= MIN_ITEMS for s in names]
    covered = names[np.array(enough, dtype=bool)]
    why = why or ("" if np.isin(covered, traffic.strata).any() else NO_COVER)
    if why:
        reasons |= dict.fromkeys(("contamination", "mix", "within", "uncovered"), why)
        return
    eval_shares, produced_shares = _shares(frozen, covered), traffic.shares(covered)
    clean_means, living_means = _means(clean, covered), _means(living, covered)
    rungs["t6"] = (eval_shares * clean_means).sum(axis=1)
    rungs["t7"] = (produced_shares * clean_means).sum(axis=1)
    rungs["t7b"] = (produced_shares * living_means).sum(axis=1)


def _produced(living: Book, traffic: Traffic) -> np.ndarray:
    """t8: mean psi of living items under production's shares of all strata that have living items."""
    names = np.unique(living.stratum)
    return np.asarray((traffic.shares(names) * _means(living, names)).sum(axis=1))


def _components(rungs: Mapping[str, np.ndarray | None], reasons: dict[str, str], counts: Mapping[str, tuple[int, int]]) -> Ladder:
    """Differences of neighbouring known rungs; what spans an unknown rung is lumped."""
    known = {n: t for n, t in rungs.items() if t is not None}
    found: dict[str, np.ndarray | None] = {}
    lumped = np.zeros_like(known["t0"])
    last = known["t0"]
    for name, upper, lower in STEPS:
        has_both = upper in known and lower in known
        found[name] = known[upper] - known[lower] if has_both else None
        if lower in known:
            lumped += 0.0 if has_both else last - known[lower]
            last = known[lower]
    for name, reason in reasons.items():
        # a step of zero by construction is no finding: its mass cannot be parted from false_pass
        if reason in (NO_FAMILY, NO_LENGTH):
            found[name] = None
    return Ladder(found, lumped, known["t0"] - known["t10"], reasons, known, counts)


def _shares(rows: Book, names: np.ndarray) -> np.ndarray:
    """Share of each named stratum among them, (B + 1, names)."""
    mass = rows.r @ (rows.stratum[:, None] == names[None, :]).astype(float)
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _means(rows: Book, names: np.ndarray) -> np.ndarray:
    """Mean psi in each named stratum, (B + 1, names)."""
    dummies = (rows.stratum[:, None] == names[None, :]).astype(float)
    return np.asarray(((rows.r * rows.psi) @ dummies) / (rows.r @ dummies))
