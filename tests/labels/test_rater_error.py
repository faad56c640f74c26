"""Rater error: planted rates are found, q is right on average, and rates that nothing identifies are not claimed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import minimize

from liveeval_assets.labels.rater_error import UNKNOWN, RaterError, estimate, fit, unbiased

Ratings = dict[str, list[float]]


def _world(seed: int, *, n: int = 400, share: float = 0.7, sensitivity: float = 0.92, specificity: float = 0.8, raters: int = 3) -> tuple[np.ndarray, Ratings]:
    """Truth and ratings of n answers by the two-class model."""
    draw = np.random.default_rng(seed)
    truth = draw.random(n) < share
    rated = draw.random((n, raters)) < np.where(truth, sensitivity, 1 - specificity)[:, None]
    return truth, {f"t{i}": [float(y) for y in row] for i, row in enumerate(rated)}


def _errors(worlds: range) -> Iterator[RaterError]:
    for seed in worlds:
        yield estimate(_world(seed)[1], seed)


def test_planted_rates_lie_within_three_standard_errors() -> None:
    found = list(_errors(range(20)))
    for name, truth in (("sensitivity", 0.92), ("specificity", 0.8)):
        z = np.array([(getattr(e, name) - truth) / getattr(e, f"{name}_se") for e in found])
        assert np.abs(z).max() < 3.5, name
        # the mean over worlds is held to 3 standard errors of itself: a bias shows that one world hides
        assert abs(z.mean()) < 3 / np.sqrt(len(z)), name
        assert 0.6 < z.std() < 1.5, name


def test_q_is_unbiased_under_rater_noise() -> None:
    gaps = []
    for seed in range(30):
        truth, ratings = _world(seed, share=0.5)
        error = estimate(ratings, seed)
        gaps.append(np.mean([unbiased(r[0], error) for r in ratings.values()]) - truth.mean())
    raw = np.mean([np.mean([r[0] for r in _world(s, share=0.5)[1].values()]) - _world(s, share=0.5)[0].mean() for s in range(30)])
    assert raw > 0.03  # ratings as they stand are biased in this world, so that the correction has something to do
    assert abs(np.mean(gaps)) < 3 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_the_fit_is_the_maximum_of_the_likelihood() -> None:
    good, n = np.array([3, 3, 2, 0, 0, 1, 3, 0, 4, 1, 3, 2]), np.array([3, 3, 3, 3, 3, 3, 3, 3, 5, 4, 4, 5])

    def loss(x: np.ndarray) -> float:
        share, sens, spec = 1 / (1 + np.exp(-x))
        like = share * sens**good * (1 - sens) ** (n - good) + (1 - share) * (1 - spec) ** good * spec ** (n - good)
        return -float(np.log(like).sum() + np.log(sens * (1 - sens) * spec * (1 - spec)))

    starts = [np.array([a, b, b]) for a in (-1.0, 0.0, 1.0) for b in (0.5, 2.0)]
    best = min((minimize(loss, s, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000}) for s in starts), key=lambda r: r.fun)
    assert fit(n, good, np.ones(len(n))) == pytest.approx(tuple(1 / (1 + np.exp(-best.x))), abs=1e-4)


def test_a_weight_of_two_is_the_answer_twice() -> None:
    n, good = np.array([3, 3, 3, 3]), np.array([3, 0, 2, 1])
    twice = fit(np.repeat(n, [2, 1, 1, 1]), np.repeat(good, [2, 1, 1, 1]), np.ones(5))
    assert fit(n, good, np.array([2, 1, 1, 1])) == pytest.approx(twice)


def test_single_ratings_tell_nothing_of_the_error() -> None:
    assert estimate({f"t{i}": [float(i % 2)] for i in range(500)}, 1) is UNKNOWN


def test_too_small_a_share_with_several_raters_is_not_trusted() -> None:
    _, ratings = _world(1, n=40)
    assert estimate(ratings, 1) is not UNKNOWN
    assert estimate(ratings | {f"single {i}": [1.0] for i in range(400)}, 1) is UNKNOWN


@pytest.mark.parametrize("rating", [0.0, 1.0])
def test_answers_all_alike_do_not_identify_both_rates(rating: float) -> None:
    assert estimate({f"t{i}": [rating] * 3 for i in range(200)}, 1) is UNKNOWN


def test_raters_who_toss_coins_are_not_inverted() -> None:
    draw = np.random.default_rng(3)
    assert estimate({f"t{i}": [float(y) for y in draw.random(3) < 0.5] for i in range(600)}, 3) is UNKNOWN


def test_the_order_of_tasks_does_not_count() -> None:
    _, ratings = _world(5, n=60)
    assert estimate(dict(reversed(ratings.items())), 5) == estimate(ratings, 5)


def test_unknown_error_leaves_the_rating_as_it_is() -> None:
    assert [unbiased(y, UNKNOWN) for y in (0.0, 1.0)] == [0.0, 1.0]
    assert UNKNOWN.sensitivity_se is None
