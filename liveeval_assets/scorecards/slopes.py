"""How the naive judge responds to quality, length and kinship: one additive regression in every replicate.

E[(J1 + J2)/2] = a0_s + a1_s Q + bV ell + bF f, with an intercept and a quality slope per stratum, both drawn towards their
pooled value. Q is binary, so Q^2 = Q and every moment is linear in Q: psi stands in for it. Leaving Q out would call it
length bias that longer answers are better (an excess-slope correction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liveeval_assets.scorecards.book import MIN_LABELS, Book

RIDGE = 10.0
"""Pseudo-observations that draw a stratum's deviation towards zero."""
_FLAT = 1e-9


@dataclass(frozen=True)
class Slopes:
    """Coefficients in each replicate, shape (B + 1,) or (B + 1, strata + 1); None where the data cannot tell them.

    The last column of `a0` is the pooled intercept, for a stratum that the regression has not seen.
    """

    strata: np.ndarray
    a0: np.ndarray
    length: np.ndarray | None
    family: np.ndarray | None

    def intercept(self, stratum: np.ndarray) -> np.ndarray:
        """a0 of each row's stratum: shape (B + 1, rows)."""
        place = np.minimum(np.searchsorted(self.strata, stratum), len(self.strata) - 1)
        return self.a0[:, np.where(self.strata[place] == stratum, place, len(self.strata))]


def fit_slopes(book: Book) -> Slopes | None:
    """Fit on all judged items of known quality, over sets and releases; None without labels enough."""
    rows = book.known("J1", "J2", "f", "m")
    if rows.n_labels < MIN_LABELS:
        return None
    strata = np.unique(rows.stratum)
    ell = np.nan_to_num(rows["ell"])
    has_length, has_family = bool(np.std(ell) > _FLAT), _is_family_identified(rows)
    groups = np.column_stack([np.ones(len(rows)), rows.stratum[:, None] == strata[None, :]]).astype(float)
    plain = np.column_stack([groups, *([ell] if has_length else []), *([rows["f"]] if has_family else [])])
    solved = _solve(plain, groups, (rows["J1"] + rows["J2"]) / 2, rows)
    n_groups = groups.shape[1]
    a0 = np.column_stack([solved[:, :1] + solved[:, 1:n_groups], solved[:, 0]])
    length = solved[:, n_groups] if has_length else None
    family = solved[:, n_groups + has_length] if has_family else None
    return Slopes(strata, a0, length, family)


def _is_family_identified(rows: Book) -> bool:
    """The judge has graded labelled items of at least one release inside and one outside its family."""
    return {0.0, 1.0} <= set(np.unique(rows["f"][rows.labelled]))


def _solve(plain: np.ndarray, groups: np.ndarray, judged: np.ndarray, rows: Book) -> np.ndarray:
    """Normal equations of all replicates with psi for Q and for Q^2: coefficients of shape (B + 1, plain + groups)."""
    n_plain, n_all = plain.shape[1], plain.shape[1] + groups.shape[1]
    # replicate weights only: the regression describes the judge, not the population
    w = rows.r / rows["weight"]
    wq = w * rows.psi
    gram, right = np.empty((len(w), n_all, n_all)), np.empty((len(w), n_all))
    gram[:, :n_plain, :n_plain] = _moments(w, plain, plain)
    gram[:, n_plain:, :n_plain] = _moments(wq, groups, plain)
    gram[:, :n_plain, n_plain:] = gram[:, n_plain:, :n_plain].transpose(0, 2, 1)
    gram[:, n_plain:, n_plain:] = _moments(wq, groups, groups)
    right[:, :n_plain], right[:, n_plain:] = (w * judged) @ plain, (wq * judged) @ groups
    penalty = np.full(n_all, _FLAT)
    deviations = np.arange(1, groups.shape[1])
    penalty[np.concatenate([deviations, n_plain + deviations])] += RIDGE
    return np.asarray(np.linalg.solve(gram + np.diag(penalty), right[..., None])[..., 0])


def _moments(w: np.ndarray, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Weighted cross products in each replicate: shape (B + 1, columns of x, columns of z)."""
    products = (x[:, :, None] * z[:, None, :]).reshape(len(x), -1)
    return (w @ products).reshape(len(w), x.shape[1], z.shape[1])
