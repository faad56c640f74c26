"""Length exposure: how much longer an answer is than the reference release's answers to the same kind of question."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
_LIMIT = 2.5
_MIN_IN_STRATUM = 5
SD = 0.5
"""One unit of exposure in log length: about two thirds longer. Fixed, so that a unit means the same in every week and product."""


def with_exposure(table: pa.Table, reference: str) -> pa.Table:
    """Fill `ell` = ln(length / the reference's median length in the stratum) / SD, winsorised at 2.5.

    The medians are those of the reference's answers to the frozen set, which never change (its living answers where there is
    no frozen set, all answers where there is no reference). Strata with fewer than 5 of them use the overall median. A scale
    estimated from one release would cut off the longer answers of the next.
    """
    rows = pl.from_arrow(table)
    assert isinstance(rows, pl.DataFrame)
    base = _calibration(rows, reference)
    if base.is_empty():
        return table
    medians = base.group_by("stratum_id").agg(median=pl.col("n_characters").median(), n=pl.len()).filter(pl.col("n") >= _MIN_IN_STRATUM)
    overall = base["n_characters"].median()

    def ratio(of: pl.DataFrame) -> pl.DataFrame:
        joined = of.join(medians.select("stratum_id", "median"), on="stratum_id", how="left", maintain_order="left")
        return joined.with_columns(ratio=(pl.col("n_characters").clip(lower_bound=1) / pl.col("median").fill_null(overall)).log())

    filled = ratio(rows).with_columns(ell=(pl.col("ratio") / SD).clip(-_LIMIT, _LIMIT))
    return ITEM_SCORES.conform(filled.select(ITEM_SCORES.schema.names).to_arrow())


def _calibration(rows: pl.DataFrame, reference: str) -> pl.DataFrame:
    """The answers that set the scale: the best of three choices that has any."""
    sized = rows.filter(pl.col("n_characters") > 0)
    own = sized.filter(pl.col("release_id") == reference)
    frozen = own.filter(pl.col("population") == "frozen")
    return frozen if not frozen.is_empty() else own if not own.is_empty() else sized
