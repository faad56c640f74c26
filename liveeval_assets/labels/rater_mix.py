"""Error rates of raters who are not alike: one pair for each (Dawid and Skene 1979), published as their mean over whose rating is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from liveeval_assets.labels.rater_error import MIN_INFORMATION, MIN_RATERS, UNKNOWN, RaterError, estimate

MIN_RATINGS = 100
_ITERATIONS = 300
_TOLERANCE = 1e-7
_BOOTSTRAPS = 100
Ratings = Mapping[str, Sequence[tuple[str, float]]]


def estimate_mix(ratings: Ratings, used: Sequence[str], seed: int) -> RaterError:
    """Error rates of the ratings that are used.

    Raters who share one pair in the model, and do not in truth, bias it; with `MIN_RATINGS` of each on answers that
    several rated, everyone has a pair. A used rating is taken to err at the mean rates of those whose ratings are used: right
    where who rates an answer does not depend on it, biased where releases are rated by different people. With fewer
    ratings all raters share one pair.

    Args:
        ratings: (rater, 0/1) by task.
        used: rater of each rating that is used.
        seed: of the bootstrap over answers that gives the standard errors.
    """
    pooled = estimate({t: [y for _, y in sorted(r)] for t, r in ratings.items()}, seed)
    several = [dict(r) for _, r in sorted(ratings.items()) if len(r) >= MIN_RATERS]
    told = Counter(rater for row in several for rater in row)
    if pooled.sensitivity_se is None or len(told) < 2 or not used or min(told[rater] for rater in (*told, *used)) < MIN_RATINGS:
        return pooled
    raters = sorted(told)
    seen = np.array([[row.get(r, -1.0) for r in raters] for row in several])
    patterns, size = np.unique(seen, axis=0, return_counts=True)
    shares = np.array([Counter(used)[r] for r in raters]) / len(used)
    start = (float((seen[seen >= 0]).mean()), np.full(len(raters), pooled.sensitivity), np.full(len(raters), pooled.specificity))
    point = fit_each(patterns, size, start)
    generator = np.random.default_rng(seed)
    draws = [fit_each(patterns, generator.multinomial(len(several), size / len(several)), point) for _ in range(_BOOTSTRAPS)]
    errors = np.std([[d[1] @ shares, d[2] @ shares] for d in draws], axis=0, ddof=1)
    sensitivity, specificity = float(point[1] @ shares), float(point[2] @ shares)
    if sensitivity + specificity - 1 < MIN_INFORMATION:
        return UNKNOWN
    return RaterError(sensitivity, specificity, float(errors[0]), float(errors[1]))


def fit_each(patterns: np.ndarray, weight: np.ndarray, start: tuple[float, np.ndarray, np.ndarray]) -> tuple[float, np.ndarray, np.ndarray]:
    """(share of good answers, sensitivities, specificities) by EM; it maximises the likelihood times s(1 - s) for each rate s.

    Args:
        patterns: 1 good, 0 bad, -1 not rated; shape (patterns, raters).
        weight: answers of each pattern, shape (patterns,).
        start: where the search begins; sensitivity + specificity > 1 makes the good class the good one.
    """
    good, bad = (patterns == 1).astype(float), (patterns == 0).astype(float)
    share, sensitivity, specificity = start
    share = min(max(share, 0.05), 0.95)
    for _ in range(_ITERATIONS):
        like_good = np.log(share) + good @ np.log(sensitivity) + bad @ np.log1p(-sensitivity)
        like_bad = np.log1p(-share) + good @ np.log1p(-specificity) + bad @ np.log(specificity)
        posterior = 1 / (1 + np.exp(np.clip(like_bad - like_good, -500, 500)))
        mass, rest = weight * posterior, weight * (1 - posterior)
        # one success and one failure are added, so that no rate reaches 0 or 1
        sens = (mass @ good + 1) / (mass @ (good + bad) + 2)
        spec = (rest @ bad + 1) / (rest @ (good + bad) + 2)
        new = min(max(float(mass.sum() / weight.sum()), 1e-9), 1 - 1e-9)
        moved = max(abs(new - share), float(np.abs(sens - sensitivity).max()), float(np.abs(spec - specificity).max()))
        share, sensitivity, specificity = new, sens, spec
        if moved < _TOLERANCE:
            break
    return share, sensitivity, specificity
