"""How the naive judge responds to quality, length and kinship: one additive regression per replicate.

E[(J1 + J2)/2] = a0_s + a1_s Q + bV ell + bF f, with an intercept and a quality slope per stratum, both drawn towards their
pooled value. Q is binary, so Q^2 = Q and every moment is linear in Q: psi stands in for it. Leaving Q out would call it
length bias that longer answers are better (an excess-slope correction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liveeval_assets.scorecards.book import Book

RIDGE = 10.0
"""Pseudo-observations that draw a stratum's deviation towards zero."""
MIN_LABELS = 20
_FLAT = 1e-9


@dataclass(frozen=True)
class Slopes:
    """Coefficients in each replicate, shape (B + 1,) or (B + 1, strata); None where the data cannot tell them."""

    strata: np.ndarray
    a0: np.ndarray
    length: np.ndarray | None
    family: np.ndarray | None

    def intercept(self, stratum: np.ndarray) -> np.ndarray:
        """a0 of each row's stratum: shape (B + 1, rows); a stratum never seen has the pooled one."""
        place = np.searchsorted(self.strata, stratum)
        place = np.where(np.isin(stratum, self.strata), np.minimum(place, len(self.strata) - 1), len(self.strata))
        return self.a0[:, place]


def fit_slopes(book: Book) -> Slopes | None:
    """Fit on all judged items with known quality, over sets and releases; None without labels enough."""
    judged = (book.population != "traffic") & ~np.isnan(book["J1"]) & ~np.isnan(book["J2"]) & ~np.isnan(book.psi[0]) & ~np.isnan(book["ell"])
    rows = book.take(np.flatnonzero(judged))
    if rows.labelled.sum() < MIN_LABELS:
        return None
    strata = np.unique(rows.stratum)
    dummies = (rows.stratum[:, None] == strata[None, :]).astype(float)
    has_length = bool(np.std(rows["ell"]) > _FLAT)
    has_family = _is_family_identified(rows)
    extra = [rows["ell"]] * has_length + [rows["f"]] * has_family
    plain = np.column_stack([np.ones(len(rows)), dummies, *extra])
    crossed = np.column_stack([np.ones(len(rows)), dummies])
    solved = _solve(plain, crossed, (rows["J1"] + rows["J2"]) / 2, rows, len(strata))
    n_strata = len(strata)
    a0 = np.column_stack([solved[:, :1] + solved[:, 1 : n_strata + 1], solved[:, :1]])
    place = 1 + n_strata
    length = solved[:, place] if has_length else None
    family = solved[:, place + has_length] if has_family else None
    return Slopes(strata, a0, length, family)


def _is_family_identified(rows: Book) -> bool:
    """The judge has graded labelled items of at least one release inside and one outside its family."""
    return set(np.unique(rows["f"][rows.labelled])) >= {0.0, 1.0}


def _solve(plain: np.ndarray, crossed: np.ndarray, judged: np.ndarray, rows: Book, n_strata: int) -> np.ndarray:
    """Normal equations of each replicate with psi for Q and for Q^2."""
    n_plain, n_crossed = plain.shape[1], crossed.shape[1]
    penalty = np.zeros(n_plain + n_crossed)
    penalty[1 : n_strata + 1] = penalty[n_plain + 1 :] = RIDGE
    # replicate weights only: the regression describes the judge, not the population
    weights = rows.r / rows["weight"]
    solved = np.empty((len(weights), n_plain + n_crossed))
    for b, (w, psi) in enumerate(zip(weights, rows.psi, strict=True)):
        left, q = plain.T * w, crossed.T * (w * psi)
        cross = q @ plain
        gram = np.block([[left @ plain, cross.T], [cross, q @ crossed]])
        solved[b] = np.linalg.solve(gram + np.diag(penalty + _FLAT), np.concatenate([left @ judged, q @ judged]))
    return solved
