"""A release's conversations as sums in each replicate: shares of strata, the north star seen, and the north star of all.

Traffic can be a thousand times the items, so it is never held as a matrix of rows and replicates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.stats import replicate_weights

_CHUNK = 8192
_SUMS = ("all", "mature", "adjusted", "seen", "good")
_COUNTS = ("all", "mature", "seen")
_NUMBERS = ("weight", "y", "observed", "propensity", "mu")


@dataclass(frozen=True)
class Traffic:
    """Sums over the conversations of one release.

    Attributes:
        strata: names, sorted.
        sums: shape (B + 1, strata): weight of `all`, of `mature`, of those `seen`; `good`: outcomes of the seen; `adjusted`:
            mu + observed / propensity x (y - mu) of the mature (augmented inverse-probability weighting).
        counts: conversations by stratum.
        weights: sum of weights and of squared weights by stratum, shape (2, strata), for the mature and the seen.
        users: users of each stratum.
        mature_share: conversations whose outcome is final: the smaller share of all of them and of those of the newest week.
        has_model: whether outcomes were enough to correct for who answered.
        tilt: what the north star of all would move by if the odds of a good outcome among the silent were e^-1 or e times
            those of comparable people who answered.
    """

    strata: np.ndarray
    sums: Mapping[str, np.ndarray]
    counts: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    users: Sequence[frozenset[str]]
    mature_share: float
    has_model: bool
    tilt: tuple[float, float]

    def take(self, strata: Sequence[str]) -> Traffic:
        """The named strata alone."""
        at = np.flatnonzero(np.isin(self.strata, list(strata)))
        sums = {n: v[:, at] for n, v in self.sums.items()}
        counts = {n: v[at] for n, v in self.counts.items()}
        weights = {n: v[:, at] for n, v in self.weights.items()}
        return Traffic(self.strata[at], sums, counts, weights, [self.users[int(i)] for i in at], self.mature_share, self.has_model, self.tilt)

    def n(self, name: str) -> int:
        """Conversations: `all`, `mature` or `seen`."""
        return int(self.counts[name].sum())

    def n_eff(self, name: str) -> float:
        """Kish's effective number of the `mature` or `seen`."""
        total, squares = self.weights[name].sum(axis=1)
        return float(total**2 / squares) if squares > 0 else 0.0

    @property
    def n_users(self) -> int:
        """Distinct users."""
        return len(frozenset().union(*self.users))

    def shares(self, names: np.ndarray) -> np.ndarray:
        """Share of each named stratum among them, (B + 1, names)."""
        mass = np.column_stack([self.sums["all"][:, self.strata == name].sum(axis=1) for name in names])
        total = mass.sum(axis=1, keepdims=True)
        return np.asarray(mass / np.where(total > 0, total, np.nan))

    def seen_mean(self) -> np.ndarray:
        """The north star as a dashboard shows it: mean of the observed outcomes."""
        return np.asarray(self.sums["good"].sum(axis=1) / self.sums["seen"].sum(axis=1))

    def adjusted_mean(self) -> np.ndarray:
        """The north star of all mature conversations, corrected for who answered."""
        return np.asarray(self.sums["adjusted"].sum(axis=1) / self.sums["mature"].sum(axis=1))


def open_traffic(table: pa.Table, release: str, *, replicates: int, seed: int) -> Traffic:
    """Sums of a release's traffic in a finished item_scores table."""
    rows = table.filter(pc.and_(pc.equal(table["population"], "traffic"), pc.equal(table["release_id"], release)))
    numbers = {n: rows[n].to_numpy(zero_copy_only=False).astype(float) for n in _NUMBERS}
    labels = np.asarray(rows["stratum_id"].to_pylist(), dtype=object).astype(str)
    strata, place = np.unique(labels, return_inverse=True)
    clusters = rows["cluster"].to_pylist()
    columns, has_model = _columns(numbers)
    dummies = (place[:, None] == np.arange(len(strata))[None, :]).astype(float)
    sums = np.zeros((replicates + 1, len(_SUMS), len(strata)))
    for start, end in pairwise([*range(0, len(clusters), _CHUNK), len(clusters)]):
        r = replicate_weights(clusters[start:end], seed, replicates) * numbers["weight"][start:end]
        parts = (columns[:, start:end, None] * dummies[None, start:end, :]).transpose(1, 0, 2).reshape(end - start, -1)
        sums += (r @ parts).reshape(sums.shape)
    flags = {n: columns[_SUMS.index(n)] for n in _COUNTS}
    weights = {n: np.stack([(flags[n] * numbers["weight"] ** k) @ dummies for k in (1, 2)]) for n in ("mature", "seen")}
    users = [frozenset(clusters[i] for i in np.flatnonzero(place == s)) for s in range(len(strata))]
    counts = {n: (flags[n] @ dummies).astype(int) for n in _COUNTS}
    share = _mature_share(rows["unit_week"].to_numpy(), flags["mature"])
    return Traffic(strata, {n: sums[:, i] for i, n in enumerate(_SUMS)}, counts, weights, users, share, has_model, _tilt(numbers, has_model))


def _mature_share(weeks: np.ndarray, mature: np.ndarray) -> float:
    return float(min(mature.mean(), mature[weeks == weeks.max()].mean())) if len(weeks) else 0.0


def _columns(numbers: Mapping[str, np.ndarray]) -> tuple[np.ndarray, bool]:
    """What is summed, shape (sums, rows), and whether the model of who answers is there."""
    mature, seen = (~np.isnan(numbers["observed"])).astype(float), (numbers["observed"] == 1).astype(float)
    y = np.nan_to_num(numbers["y"]) * seen
    has_model = bool(mature.any()) and not bool(np.isnan(numbers["mu"][mature == 1]).any())
    mu, e = (np.where(mature == 1, np.nan_to_num(numbers[n], nan=1.0), 1.0) for n in ("mu", "propensity"))
    adjusted = mature * (mu + seen / e * (y - mu))
    return np.stack([np.ones_like(seen), mature, adjusted, seen, y]), has_model


def _tilt(numbers: Mapping[str, np.ndarray], has_model: bool) -> tuple[float, float]:
    """Exponential tilt of the silent's outcomes (Scharfstein, Rotnitzky and Robins 1999), at odds e^-1 and e."""
    at = ~np.isnan(numbers["observed"])
    if not has_model or not at.any():
        return 0.0, 0.0
    mu, silent = np.clip(numbers["mu"][at], 0, 1), 1 - numbers["propensity"][at]
    moved = [mu * np.exp(g) / (mu * np.exp(g) + 1 - mu) - mu for g in (-1.0, 1.0)]
    low, high = (float(np.average(silent * m, weights=numbers["weight"][at])) for m in moved)
    return low, high
