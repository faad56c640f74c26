"""How a table is declared: once, typed, with its grain; checks, docs and dbt sources come from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.string()
INTEGER = pa.int64()
NUMBER = pa.float64()
BOOLEAN = pa.bool_()
DATE = pa.date32()
TIMESTAMP = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.string())
VECTOR = pa.list_(pa.float32())
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("text", pa.string()), ("tool_calls", pa.string())]))


@dataclass(frozen=True)
class Column:
    """One column: its type, what it means, and the values that it may take.

    `between` bounds numbers (both ends included); `values` lists the allowed texts; `is_volatile` marks a measured
    time that does not belong to the content hash.
    """

    name: str
    type: pa.DataType
    doc: str
    is_nullable: bool = False
    between: tuple[float, float] | None = None
    values: tuple[str, ...] = ()
    is_volatile: bool = False


def col(
    name: str,
    type_: pa.DataType,
    doc: str,
    *,
    null: bool = False,
    between: tuple[float, float] | None = None,
    values: Sequence[str] = (),
    volatile: bool = False,
) -> Column:
    """Short form of `Column` for declarations."""
    return Column(name, type_, doc, null, between, tuple(values), volatile)


WEEK_COLUMN = col("week", DATE, "Monday (UTC) of the week whose run produced the row; the partition key.")


@dataclass(frozen=True)
class TableSpec:
    """A Delta table: `stage/name`, what one row is, its key within a week, and its columns.

    Attributes:
        grain: one sentence fragment that completes "One row is ...".
        promise: what a reader may rely on.
        key: columns that identify a row within a week.
        is_frame: frozen at the week's first publication; late data and code edits never recompute it.
        is_private: holds raw text; never leaves the lake.
        is_partitioned: by week; the call log and the catalogue are not.
        is_append_only: rows are added, never replaced; readers de-duplicate by key.
        may_be_empty: a week without rows is normal.
    """

    stage: str
    name: str
    grain: str
    promise: str
    key: tuple[str, ...]
    body: tuple[Column, ...]
    is_frame: bool = False
    is_private: bool = False
    is_partitioned: bool = True
    is_append_only: bool = False
    may_be_empty: bool = False

    @property
    def path(self) -> str:
        """`stage/name`: the Delta path under the lake and the asset key."""
        return f"{self.stage}/{self.name}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """`week` and the declared columns."""
        return (WEEK_COLUMN, *self.body)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema that every batch conforms to."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.is_nullable) for c in self.columns])

    @property
    def volatile(self) -> tuple[str, ...]:
        """Columns outside the content hash."""
        return tuple(c.name for c in self.columns if c.is_volatile)

    @property
    def description(self) -> str:
        """What the Dagster UI, dbt and the docs say alike."""
        return f"One row is {self.grain}. {self.promise}"

    def rows(self, rows: Sequence[Mapping[str, object]]) -> pa.Table:
        """Build a table of this spec from plain dicts; a missing key is null, an unknown key an error."""
        known = {c.name for c in self.columns}
        unknown = set().union(*(r.keys() for r in rows)) - known if rows else set()
        if unknown:
            raise KeyError(f"{self.path} has no column {sorted(unknown)}")
        return pa.table({c.name: pa.array([r.get(c.name) for r in rows], type=c.type) for c in self.columns}, schema=self.schema)

    def conform(self, table: pa.Table) -> pa.Table:
        """Order the columns as declared; a missing or extra column or a narrowing cast is an error."""
        if set(table.column_names) != set(self.schema.names):
            odd = sorted(set(table.column_names) ^ set(self.schema.names))
            raise KeyError(f"{self.path}: columns differ from the declaration: {odd}")
        return table.select(self.schema.names).cast(self.schema, safe=True)

    def empty(self) -> pa.Table:
        """A table of this spec without rows."""
        return self.schema.empty_table()


def violations(spec: TableSpec, table: pa.Table) -> dict[str, int]:
    """Rules of the declaration that rows break: rule -> number of rows. Empty means the table is as declared."""
    found: dict[str, int] = {}
    for column in spec.columns:
        values = table.column(column.name)
        if not column.is_nullable and values.null_count:
            found[f"{column.name} is not null"] = values.null_count
        if column.between is not None:
            low, high = column.between
            # a NaN compares false, so it counts as outside
            inside = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
            outside = pc.sum(pc.invert(inside.fill_null(True))).as_py() or 0
            if outside:
                found[f"{column.name} between {low:g} and {high:g}"] = outside
        if column.values:
            strange = pc.invert(pc.is_in(values, pa.array(column.values))).filter(pc.is_valid(values))
            n_strange = pc.sum(strange).as_py() or 0
            if n_strange:
                found[f"{column.name} is one of {', '.join(column.values)}"] = n_strange
    if spec.key and table.num_rows:
        distinct = table.select(["week", *spec.key]).group_by(["week", *spec.key]).aggregate([]).num_rows
        if distinct < table.num_rows and not spec.is_append_only:
            found[f"({', '.join(spec.key)}) is unique within a week"] = table.num_rows - distinct
    return found
