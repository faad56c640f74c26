"""psi: what people would say of each answer, unbiased whatever the judge does.

psi = m + labelled / p x (label - m), with m a cross-fitted prediction from verdicts and exposures and p the known
probability of a label: augmented inverse-probability weighting (Robins, Rotnitzky and Zhao 1994); with m = verdict and
constant p it is prediction-powered inference (Angelopoulos et al. 2023).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.fold import cross_fit, design, folds_of
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
MIN_TRAINING = 20


def with_quality(table: pa.Table, seed: int) -> pa.Table:
    """Fill `m` and `psi` of items; both stay null where a group (population, release) has no planned label."""
    columns = {n: table.column(n).to_numpy(zero_copy_only=False) for n in ("J1", "J2", "V", "Z1", "ell", "f", "contaminated", "label", "label_probability")}
    population = np.asarray(table["population"].to_pylist())
    has_plan = ~np.isnan(columns["label_probability"].astype(float))
    is_item = (population != "traffic") & has_plan
    label = columns["label"].astype(float)
    labelled = is_item & ~np.isnan(label)
    m = np.full(table.num_rows, np.nan)
    if labelled.any():
        features = _features(columns, population, table["stratum_id"].to_pylist())
        m[is_item] = _predict(features, label, labelled, is_item, folds_of(table["cluster"].to_pylist(), seed))
    psi = np.where(labelled, m + (label - m) / np.where(has_plan, columns["label_probability"].astype(float), 1.0), m)
    return _replace(table, {"m": m, "psi": psi})


def _predict(features: np.ndarray, label: np.ndarray, labelled: np.ndarray, is_item: np.ndarray, folds: np.ndarray) -> np.ndarray:
    if labelled.sum() < MIN_TRAINING:
        return np.full(int(is_item.sum()), float(np.clip(label[labelled].mean(), 0, 1)))
    fitted = cross_fit(features[is_item], label[is_item], labelled[is_item], folds[is_item])
    return np.clip(fitted, 0, 1)


def _features(columns: dict[str, np.ndarray], population: np.ndarray, strata: list[str]) -> np.ndarray:
    """Verdicts, the refuter's finding on passes, exposures, set and stratum; a missing value is 0 beside its flag."""
    numbers = {n: columns[n].astype(float) for n in ("J1", "J2", "V", "Z1", "ell", "f", "contaminated")}
    missing = [np.isnan(numbers[n]).astype(float) for n in ("J1", "V")]
    filled = {n: np.nan_to_num(v) for n, v in numbers.items()}
    passed = (filled["V"] == 1).astype(float)
    parts = [*filled.values(), passed, passed * filled["Z1"], (population == "frozen").astype(float), *missing]
    return design(parts, strata)


def _replace(table: pa.Table, values: dict[str, np.ndarray]) -> pa.Table:
    for name, column in values.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(column, pa.float64(), from_pandas=True))
    return table
