"""The items as arrays under one replicate matrix: every offline number of a scorecard is a weighted mean over this book."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.scorecards.quality import achieved_probability
from liveeval_assets.shared.stats import replicate_normals, replicate_weights

MIN_LABELS = 15
"""Below these labels the quality of a group of answers is not claimed."""
_NUMBERS = ("weight", "J1", "J2", "V", "Z1", "ell", "f", "contaminated", "label_y", "label_probability", "m")
_RATER = ("sensitivity", "specificity", "sensitivity_se", "specificity_se")
_ENOUGH_LABELLED = 0.95


@dataclass(frozen=True)
class Book:
    """Item rows of scorecards/item_scores.

    Attributes:
        r: replicate weights x design weights, shape (B + 1, n); row 0 is the point estimate.
        psi: pseudo-quality, shape (B + 1, n): the raters' error rates are drawn anew in each replicate.
    """

    population: np.ndarray
    release: np.ndarray
    stratum: np.ndarray
    split: np.ndarray
    cluster: np.ndarray
    numbers: dict[str, np.ndarray]
    r: np.ndarray
    psi: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.numbers[name]

    def where(self, population: str, release: str) -> Book:
        """The rows of one population of one release."""
        return self.take(np.flatnonzero((self.population == population) & (self.release == release)))

    def known(self, *names: str) -> Book:
        """The rows where none of the named numbers is missing."""
        return self.take(np.flatnonzero(~np.any([np.isnan(self[n]) for n in names], axis=0)))

    @property
    def sealed(self) -> Book:
        """Units that nobody has been shown: the ones to publish from."""
        return self.take(np.flatnonzero(self.split == "sealed"))

    def take(self, rows: np.ndarray) -> Book:
        """The given rows."""
        parts = (self.population[rows], self.release[rows], self.stratum[rows], self.split[rows], self.cluster[rows])
        return Book(*parts, {n: v[rows] for n, v in self.numbers.items()}, self.r[:, rows], self.psi[:, rows])

    def __len__(self) -> int:
        return len(self.release)

    @cached_property
    def labelled(self) -> np.ndarray:
        """Rows with a label."""
        return ~np.isnan(self["label_y"])

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return int(self.labelled.sum())

    @property
    def lacks_labels(self) -> bool:
        """Whether fewer answers were labelled than planned, beyond chance: the labelled ones stand in for the others."""
        p = self["label_probability"][self.labelled]
        share, se = (1 / p).sum() / max(len(self), 1), np.sqrt(((1 - p) / p**2).sum()) / max(len(self), 1)
        return bool(share + 3 * se < _ENOUGH_LABELLED)

    @property
    def has_quality(self) -> bool:
        """Whether psi is known for all rows and rests on enough labels."""
        return self.n_labels >= MIN_LABELS and not bool(np.isnan(self.psi[0]).any())


def open_book(table: pa.Table, *, replicates: int, seed: int) -> Book:
    """Arrays and replicate weights of the items of a finished item_scores table."""
    table = table.filter(pc.not_equal(table["population"], "traffic"))
    numbers = {n: table[n].to_numpy(zero_copy_only=False).astype(float) for n in (*_NUMBERS, *_RATER)}
    texts = [np.asarray(table[n].to_pylist(), dtype=object).astype(str) for n in ("population", "release_id", "stratum_id", "split", "cluster")]
    population, release, stratum, split, cluster = texts
    labelled = ~np.isnan(numbers["label_y"])
    p = achieved_probability(population, release, labelled, numbers["label_probability"])
    r = replicate_weights(list(cluster), seed, replicates) * numbers["weight"]
    return Book(population, release, stratum, split, cluster, numbers, r, _psi(numbers, labelled, p, replicates, seed))


def _psi(numbers: dict[str, np.ndarray], labelled: np.ndarray, p: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Each m + labelled / p x (q - m), q = (y - (1 - specificity)) / (sensitivity + specificity - 1) with rates drawn per replicate."""
    psi = np.repeat(numbers["m"][None, :], replicates + 1, axis=0)
    if labelled.any():
        part = {n: v[labelled] for n, v in numbers.items()}
        rates = {name: np.nan_to_num(part[name], nan=1.0) for name in ("sensitivity", "specificity")}
        # at most half of what the ratings tell may be drawn away: near guessing, one replicate would outweigh all others
        slack = (rates["sensitivity"] + rates["specificity"] - 1) / 4
        sensitivity, specificity = (_drawn(rate, part[f"{name}_se"], slack, name, replicates, seed) for name, rate in rates.items())
        q = (part["label_y"] - (1 - specificity)) / (sensitivity + specificity - 1)
        psi[:, labelled] += (q - part["m"]) / p[labelled]
    return psi


def _drawn(rate: np.ndarray, se: np.ndarray, slack: np.ndarray, name: str, replicates: int, seed: int) -> np.ndarray:
    """Rates in each replicate; without an estimate the raters are taken at their word."""
    normals = replicate_normals(name, seed, replicates)[:, None]
    return np.clip(rate + normals * np.nan_to_num(se), rate - slack, 1.0)
