"""Statistics that every stage may need: replicate weights, intervals, weighted means."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from liveeval_assets.shared.hashing import digest

Z95 = 1.959963984540054


def replicate_weights(clusters: Sequence[str], seed: int, n: int) -> np.ndarray:
    """Exponential(1) weights, one per cluster and replicate: the Bayesian bootstrap over clusters (Rubin 1981).

    The same cluster has the same weights wherever it appears, so that the same item under two releases or in two weeks is
    compared with itself, and the components of a sum add up in every replicate.

    Returns:
        Float64 array of shape (n + 1, len(clusters)); row 0 is all ones, the point estimate.
    """
    names, places = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    drawn = np.ones((n + 1, len(names)))
    for column, name in enumerate(names):
        generator = np.random.Generator(np.random.Philox(key=int(digest("replicates", seed, name), 16)))
        drawn[1:, column] = generator.standard_exponential(n)
    return drawn[:, places]


def replicate_normals(purpose: str, seed: int, n: int) -> np.ndarray:
    """Standard normal draws for replicates 1..n, and 0 for the point estimate: shape (n + 1,)."""
    generator = np.random.Generator(np.random.Philox(key=int(digest("normals", seed, purpose), 16)))
    return np.concatenate([[0.0], generator.standard_normal(n)])


def weighted_mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of `values` (n,) or (B, n) under `weights` (B, n); NaN where the weights sum to 0."""
    total = weights.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights * values).sum(axis=-1) / np.where(total > 0, total, np.nan))


def effective_size(weights: np.ndarray) -> float:
    """Kish's effective sample size (sum w)^2 / sum w^2; 0 for no weight."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def wilson(successes: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate; (0, 1) without cases."""
    if n <= 0:
        return 0.0, 1.0
    rate = successes / n
    centre = (rate + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(rate * (1 - rate) / n + Z95**2 / (4 * n**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)
