"""How often raters err, from answers that several of them rated (Dawid and Skene 1979)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MIN_RATERS = 3
MIN_SHARE = 0.2
MIN_TASKS = 30
MIN_OF_EACH = 5.0
MIN_INFORMATION = 0.1
_ITERATIONS = 200
_TOLERANCE = 1e-9
_BOOTSTRAPS = 100


@dataclass(frozen=True)
class RaterError:
    """Pooled P(rated good | good) and P(rated bad | bad); standard errors are None when they are not identified."""

    sensitivity: float
    specificity: float
    sensitivity_se: float | None
    specificity_se: float | None


UNKNOWN = RaterError(1.0, 1.0, None, None)
"""Raters taken at their word: a failed assumption, told by the missing standard errors."""


def estimate(ratings: Mapping[str, Sequence[float]], seed: int) -> RaterError:
    """Error rates shared by all raters, by EM on the answers with at least three ratings.

    With one shared pair of rates, an answer's number of good ratings is sufficient, and three ratings an answer identify
    prevalence, sensitivity and specificity.

    Args:
        ratings: 0/1 ratings by task.
        seed: of the bootstrap over answers that gives the standard errors.

    Returns:
        `UNKNOWN` where the rates are not identified: few answers with several ratings, answers nearly all good or all bad
        (nothing tells one of the rates), or ratings that hardly depend on the answer.
    """
    several = [r for _, r in sorted(ratings.items()) if len(r) >= MIN_RATERS]
    if len(several) < max(MIN_TASKS, MIN_SHARE * len(ratings)):
        return UNKNOWN
    counts, size = np.unique([(len(r), sum(r)) for r in several], axis=0, return_counts=True)
    n, good = counts[:, 0], counts[:, 1]
    share, sensitivity, specificity = fit(n, good, size)
    if min(share, 1 - share) * len(several) < MIN_OF_EACH or sensitivity + specificity - 1 < MIN_INFORMATION:
        return UNKNOWN
    generator = np.random.default_rng(seed)
    draws = np.array([fit(n, good, generator.multinomial(len(several), size / len(several))) for _ in range(_BOOTSTRAPS)])
    errors = draws[:, 1:].std(axis=0, ddof=1)
    return RaterError(sensitivity, specificity, float(errors[0]), float(errors[1]))


def unbiased(y: float, error: RaterError) -> float:
    """(y - (1 - specificity)) / (sensitivity + specificity - 1): its mean given the truth is the truth (Rogan and Gladen 1978)."""
    return (y - (1 - error.specificity)) / (error.sensitivity + error.specificity - 1)


def fit(n: np.ndarray, good: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """(share of good answers, sensitivity, specificity) by EM of a two-class binomial mixture.

    It maximises the likelihood times s(1 - s) for either rate s. The start makes the class with more good ratings the good one.

    Args:
        n, good, weight: per answer, its ratings, the good ones among them, and how often it counts; equal shapes (answers,).
    """
    share, sensitivity, specificity = float(np.average(good / n, weights=weight)), 0.9, 0.9
    for _ in range(_ITERATIONS):
        like_good = share * sensitivity**good * (1 - sensitivity) ** (n - good)
        like_bad = (1 - share) * (1 - specificity) ** good * specificity ** (n - good)
        posterior = like_good / np.maximum(like_good + like_bad, np.finfo(float).tiny)
        mass, rest = weight * posterior, weight * (1 - posterior)
        # one success and one failure are added, so that no rate reaches 0 or 1
        new = (
            float(mass.sum() / weight.sum()),
            float(((mass * good).sum() + 1) / ((mass * n).sum() + 2)),
            float(((rest * (n - good)).sum() + 1) / ((rest * n).sum() + 2)),
        )
        is_done = max(abs(a - b) for a, b in zip(new, (share, sensitivity, specificity), strict=True)) < _TOLERANCE
        share, sensitivity, specificity = new
        if is_done:
            break
    return share, sensitivity, specificity
