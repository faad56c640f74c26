"""psi: what people would say of each answer, unbiased whatever the judge does.

psi = m + labelled / p x (label - m), with m a cross-fitted prediction from verdicts and exposures and p the known
probability of a label: augmented inverse-probability weighting (Robins, Rotnitzky and Zhao 1994); with m = verdict and
constant p it is prediction-powered inference (Angelopoulos et al. 2023).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.scorecards.fold import cross_fit, design, folds_of
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
MIN_TRAINING = 20
_FEATURES = ("J1", "J2", "V", "Z1", "ell", "f", "contaminated")
_NUMBERS = (*_FEATURES, "label", "label_probability")


def with_quality(table: pa.Table, seed: int) -> pa.Table:
    """Fill `m` and `psi` of items; both stay null in a group (population, release) without a label."""
    is_item = pc.and_(pc.not_equal(table["population"], "traffic"), pc.is_valid(table["label_probability"]))
    items = table.filter(is_item)
    columns = {n: items[n].to_numpy(zero_copy_only=False).astype(float) for n in _NUMBERS}
    population, release = (np.asarray(items[n].to_pylist(), dtype=object).astype(str) for n in ("population", "release_id"))
    label, labelled = columns["label"], ~np.isnan(columns["label"])
    m = np.full(len(items), np.nan)
    if labelled.any():
        features = _features(columns, population, items["stratum_id"].to_pylist())
        m = _predict(features, label, labelled, folds_of(items["cluster"].to_pylist(), seed))
    p = achieved_probability(population, release, labelled, columns["label_probability"])
    psi = m + np.where(labelled, (np.nan_to_num(label) - m) / np.where(labelled, p, 1.0), 0.0)
    return _placed(table, np.flatnonzero(np.asarray(is_item)), {"m": m, "psi": psi})


def achieved_probability(population: np.ndarray, release: np.ndarray, labelled: np.ndarray, planned: np.ndarray) -> np.ndarray:
    """Planned probabilities, scaled so that a group's labels stand for all its answers: NaN where there is no label.

    Tasks that nobody has rated yet, in a week or at random, would otherwise count as predicted and never be corrected. Where
    all were rated as planned the scale is 1 up to chance (a ratio estimator).
    """
    achieved = np.full(len(planned), np.nan)
    group = np.char.add(np.char.add(population, "\x1f"), release)
    for name in np.unique(group[labelled]):
        mine = group == name
        seen = mine & labelled
        achieved[seen] = planned[seen] * (1 / planned[seen]).sum() / mine.sum()
    return achieved


def _predict(features: np.ndarray, label: np.ndarray, labelled: np.ndarray, folds: np.ndarray) -> np.ndarray:
    if labelled.sum() < MIN_TRAINING:
        return np.full(len(label), float(np.clip(label[labelled].mean(), 0, 1)))
    return np.clip(cross_fit(features, label, labelled, folds), 0, 1)


def _features(columns: dict[str, np.ndarray], population: np.ndarray, strata: list[str]) -> np.ndarray:
    """Verdicts, the refuter's finding on passes, exposures, set and stratum; a missing value is 0 beside its flag."""
    missing = [np.isnan(columns[n]).astype(float) for n in ("J1", "V")]
    filled = {n: np.nan_to_num(columns[n]) for n in _FEATURES}
    passed = (filled["V"] == 1).astype(float)
    parts = [*filled.values(), passed, passed * filled["Z1"], (population == "frozen").astype(float), *missing]
    return design(parts, strata)


def _placed(table: pa.Table, rows: np.ndarray, values: dict[str, np.ndarray]) -> pa.Table:
    """The table with the values in the given rows of their columns and null elsewhere."""
    for name, found in values.items():
        column = np.full(len(table), np.nan)
        column[rows] = found
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(column, pa.float64(), from_pandas=True))
    return table
