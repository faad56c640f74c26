"""What a careless pipeline would do to the units: a test that still passes on these has no teeth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.worlds.ladder import RELEASES


def replaced(table: pa.Table, column: str, values: object) -> pa.Table:
    """The table with other values in one column."""
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(column), pa.array(values, table.schema.field(column).type, from_pandas=True))


def unlabelled(table: pa.Table, releases: Sequence[str] = RELEASES) -> pa.Table:
    """The releases' labels and label plans are gone."""
    hit = pc.is_in(table["release_id"], pa.array(releases))
    for column in ("label", "label_y", "label_probability"):
        table = replaced(table, column, pc.if_else(hit, None, table[column]).combine_chunks())
    return table


def ignoring_probability(table: pa.Table) -> pa.Table:
    """Labels as if every item had had the same chance of one."""
    known = table["label_probability"].to_numpy(zero_copy_only=False)
    return replaced(table, "label_probability", np.where(np.isnan(known), np.nan, np.nanmean(known)))


def ignoring_raters(table: pa.Table) -> pa.Table:
    """Labels as if raters never erred."""
    for column in ("sensitivity", "specificity", "sensitivity_se", "specificity_se"):
        table = replaced(table, column, pa.nulls(table.num_rows, pa.float64()))
    return replaced(table, "label", table["label_y"].combine_chunks())
