"""Cross-fitting: nobody's own label helps to predict it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liveeval_assets.shared.hashing import uniforms

N_FOLDS = 5
RIDGE = 1.0


def folds_of(clusters: Sequence[str], seed: int) -> np.ndarray:
    """Fold of each row, 0..4, by hash of its cluster: the same user or item is never in training and test."""
    names = sorted(set(clusters))
    fold = dict(zip(names, (uniforms(seed, "fold", names) * N_FOLDS).astype(int), strict=True))
    return np.array([fold[c] for c in clusters], dtype=int)


def design(numbers: Sequence[np.ndarray], strata: Sequence[str]) -> np.ndarray:
    """Columns of numbers and stratum dummies, standardised; constant columns are dropped: shape (rows, columns)."""
    names = sorted(set(strata))
    place = np.array([names.index(s) for s in strata], dtype=int)
    dummies = (place[:, None] == np.arange(len(names))[None, :]).astype(float)
    features = np.column_stack([*numbers, dummies]) if numbers else dummies
    spread = features.std(axis=0)
    kept = spread > 1e-12
    return (features[:, kept] - features[:, kept].mean(axis=0)) / spread[kept]


def cross_fit(features: np.ndarray, target: np.ndarray, known: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Ridge prediction of `target` for every row from the known rows of the other folds."""
    predicted = np.empty(len(target))
    for fold in range(N_FOLDS):
        train, test = known & (folds != fold), folds == fold
        predicted[test] = ridge(features[train], target[train], features[test])
    return predicted


def ridge(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Ridge regression with a free intercept; without rows to learn from it predicts one half."""
    if not len(y):
        return np.full(len(new), 0.5)
    centre, level = x.mean(axis=0), y.mean()
    centred = x - centre
    gram = centred.T @ centred + RIDGE * np.eye(x.shape[1])
    return np.asarray(level + (new - centre) @ np.linalg.solve(gram, centred.T @ (y - level)))
