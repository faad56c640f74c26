"""Statistics that every stage may need: replicate weights, intervals, weighted means."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from liveeval_assets.shared.hashing import digest

Z95 = 1.959963984540054
ROUNDING = 1e-10
"""What floating-point sums in another order may differ by, for shares: a smaller difference is none."""
_STEP = np.uint64(0x9E3779B97F4A7C15)


def replicate_weights(clusters: Sequence[str], seed: int, n: int) -> np.ndarray:
    """Exponential(1) weights, one per cluster and replicate: the Bayesian bootstrap over clusters (Rubin 1981).

    The same cluster has the same weights wherever it appears, so that the same item under two releases or in two weeks is
    compared with itself, and the components of a sum add up in every replicate. Each cluster owns a SplitMix64 stream
    (Steele, Lea and Flood 2014) that starts at the hash of its name.

    Returns:
        Float64 array of shape (n + 1, len(clusters)); row 0 is all ones, the point estimate.
    """
    names, places = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    starts = np.fromiter((int(digest("replicates", seed, name)[:16], 16) for name in names), dtype=np.uint64, count=len(names))
    drawn = np.ones((n + 1, len(names)))
    steps = (np.arange(1, n + 1, dtype=np.uint64) * _STEP)[:, None]
    drawn[1:] = -np.log(_mixed(starts[None, :] + steps))
    return drawn[:, places]


def _mixed(state: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64, as numbers strictly between 0 and 1."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return ((state >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


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
