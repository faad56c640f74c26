"""Raters who differ: their mean rates are found where one shared pair is biased, and few ratings fall back to that pair."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from liveeval_assets.labels.rater_error import UNKNOWN, estimate, unbiased
from liveeval_assets.labels.rater_mix import estimate_mix, fit_each

SENSITIVITY, SPECIFICITY = np.array([0.99, 0.99, 0.70]), np.array([0.97, 0.75, 0.95])
NAMES = ("ann", "ben", "cem")
Ratings = dict[str, list[tuple[str, float]]]


def _world(seed: int, n: int = 600, share: float = 0.6) -> tuple[np.ndarray, Ratings]:
    """Truth and ratings of n answers; everybody rates every answer."""
    draw = np.random.default_rng(seed)
    truth = draw.random(n) < share
    rated = draw.random((n, 3)) < np.where(truth[:, None], SENSITIVITY, 1 - SPECIFICITY)
    return truth, {f"t{i:04}": list(zip(NAMES, map(float, row), strict=True)) for i, row in enumerate(rated)}


def _used(ratings: Ratings, seed: int) -> list[str]:
    return [NAMES[k] for k in np.random.default_rng(seed + 1000).integers(0, 3, len(ratings))]


def test_the_mean_rates_of_unlike_raters_are_found_where_a_shared_pair_is_biased() -> None:
    worlds = [_world(s)[1] for s in range(12)]
    each = [estimate_mix(w, [*NAMES] * 200, s) for s, w in enumerate(worlds)]
    for name, truth in (("sensitivity", SENSITIVITY.mean()), ("specificity", SPECIFICITY.mean())):
        z = np.array([(getattr(e, name) - truth) / getattr(e, f"{name}_se") for e in each])
        assert abs(z.mean()) < 3 / np.sqrt(len(z)), name
        assert 0.6 < z.std() < 1.5, name
    shared = [estimate({t: [y for _, y in r] for t, r in w.items()}, s) for s, w in enumerate(worlds)]
    assert abs(np.mean([e.sensitivity for e in shared]) - SENSITIVITY.mean()) > 0.008


def test_q_is_unbiased_whoever_is_first() -> None:
    gaps = []
    for seed in range(16):
        truth, ratings = _world(seed)
        used = _used(ratings, seed)
        error = estimate_mix(ratings, used, seed)
        gaps.append(np.mean([unbiased(dict(r)[u], error) for r, u in zip(ratings.values(), used, strict=True)]) - truth.mean())
    assert abs(np.mean(gaps)) < 3 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_the_rates_are_those_of_the_raters_who_are_used() -> None:
    _, ratings = _world(1)
    good, poor = estimate_mix(ratings, ["ann"], 1), estimate_mix(ratings, ["cem"], 1)
    assert good.sensitivity == pytest.approx(0.99, abs=0.03)
    assert poor.sensitivity == pytest.approx(0.70, abs=0.06)


def test_the_fit_is_the_maximum_of_the_likelihood() -> None:
    """No point around it, in any direction of the seven parameters, is more likely."""
    patterns, weight = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, -1]], float), np.array([14.0, 4.0, 3.0, 11.0, 2.0])
    share, sens, spec = fit_each(patterns, weight, (0.5, np.full(3, 0.9), np.full(3, 0.9)))

    def log_likelihood(p: float, s: np.ndarray, c: np.ndarray) -> float:
        likes = []
        for row in patterns:
            good = np.prod([s[j] if y == 1 else 1 - s[j] if y == 0 else 1 for j, y in enumerate(row)])
            bad = np.prod([1 - c[j] if y == 1 else c[j] if y == 0 else 1 for j, y in enumerate(row)])
            likes.append(p * good + (1 - p) * bad)
        return float(weight @ np.log(likes) + np.log(s * (1 - s) * c * (1 - c)).sum())

    best = log_likelihood(share, sens, spec)
    near = np.linspace(-0.06, 0.06, 3)
    for step in itertools.product(near, repeat=7):
        moved = (share + step[0], np.clip(sens + step[1:4], 0.01, 0.99), np.clip(spec + step[4:7], 0.01, 0.99))
        assert log_likelihood(*moved) <= best + 1e-6


def test_few_ratings_of_one_person_share_one_pair() -> None:
    _, ratings = _world(2, n=300)
    some = {t: r if i < 280 else [*r[:2], ("new", r[2][1])] for i, (t, r) in enumerate(ratings.items())}
    assert estimate_mix(some, ["ann"], 2) == estimate({t: [y for _, y in sorted(r)] for t, r in some.items()}, 2)
    assert estimate_mix(ratings, ["never seen"], 2) == estimate({t: [y for _, y in r] for t, r in ratings.items()}, 2)


def test_single_ratings_tell_nothing() -> None:
    assert estimate_mix({f"t{i}": [("ann", float(i % 2))] for i in range(500)}, ["ann"], 1) is UNKNOWN
    assert estimate_mix({}, [], 1) is UNKNOWN


def test_order_does_not_count_and_it_is_quick() -> None:
    _, ratings = _world(3, n=2000)
    started = time.perf_counter()
    one = estimate_mix(ratings, [*NAMES], 3)
    assert time.perf_counter() - started < 5
    assert estimate_mix({t: r[::-1] for t, r in reversed(ratings.items())}, [*NAMES], 3) == one
