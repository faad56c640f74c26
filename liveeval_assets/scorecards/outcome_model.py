"""Who gives feedback, and what it would have been: propensity and prediction for the traffic of each release."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.fold import cross_fit, design, folds_of
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
MIN_PROPENSITY = 0.02
MIN_SEEN = 20
_PENALTY = 1.0


def with_outcomes(table: pa.Table, seed: int) -> pa.Table:
    """Fill `propensity` (logistic on stratum and covariates, clipped to [.02, 1]) and `mu` (cross-fitted ridge) of mature traffic.

    Both are fitted within a release: another release's users answer differently. Where fewer than 20 outcomes were
    observed, `mu` stays null.
    """
    population = np.asarray(table["population"].to_pylist())
    release = np.asarray(table["release_id"].to_pylist())
    observed = table["observed"].to_numpy(zero_copy_only=False).astype(float)
    y = table["y"].to_numpy(zero_copy_only=False).astype(float)
    propensity, mu = np.full(table.num_rows, np.nan), np.full(table.num_rows, np.nan)
    strata, covariates = table["stratum_id"].to_pylist(), table["covariates"].to_pylist()
    clusters = table["cluster"].to_pylist()
    for name in sorted(set(release)):
        rows = np.flatnonzero((population == "traffic") & (release == name) & ~np.isnan(observed))
        if not len(rows):
            continue
        numbers = np.array([covariates[i] or [] for i in rows], dtype=float).reshape(len(rows), -1)
        features = design(list(numbers.T), [strata[i] for i in rows])
        seen = observed[rows] == 1
        propensity[rows] = _propensity(features, seen)
        if seen.sum() >= MIN_SEEN:
            mu[rows] = cross_fit(features, np.nan_to_num(y[rows]), seen, folds_of([clusters[i] for i in rows], seed))
    for column, values in (("propensity", propensity), ("mu", mu)):
        place = table.schema.get_field_index(column)
        table = table.set_column(place, table.schema.field(column), pa.array(values, pa.float64(), from_pandas=True))
    return table


def _propensity(features: np.ndarray, seen: np.ndarray) -> np.ndarray:
    if seen.all() or not seen.any() or not features.shape[1]:
        return np.full(len(seen), max(float(seen.mean()), MIN_PROPENSITY))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # an early stop of the optimiser is a good enough propensity; it is clipped and cross-checked by coverage tests
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=_PENALTY, max_iter=500).fit(features, seen)
    return np.clip(model.predict_proba(features)[:, 1], MIN_PROPENSITY, 1.0)
