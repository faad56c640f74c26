"""Parquet: rows in batches that fit in memory whatever the file's metadata promises."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.jsonl import content_digest, raw_digest

_MOST_ROWS = 1024
_BATCH_BYTES = 1 << 30
_ROWS_PER_BYTE = 64


def read_parquet(file: IO[bytes], name: str, caps: Caps, only: Collection[int] | None = None) -> Iterator[Record]:
    """Yield every row; a file that is none is one refused record. NaN is null, as data frames write it.

    Args:
        only: row numbers that are wanted; None wants all.
    """
    number = 0
    try:
        source = pq.ParquetFile(file)
        if source.metadata.num_rows > _ROWS_PER_BYTE * file.seek(0, 2):
            # rows with an id of their own take room: this file would only unfold
            yield Record(name, 1, 0, raw_digest(name.encode()), None, "too_long", "archive")
            return
        for batch in source.iter_batches(batch_size=_batch_rows(source.metadata)):
            for value in _values(batch):
                number += 1
                if only is None or number in only:
                    yield _row(value, name, number, caps) if isinstance(value, dict) else _refused(name, number, value)
    except (pa.ArrowException, OSError):
        if only is None or number + 1 in only:
            yield Record(name, number + 1, 0, raw_digest(name.encode()), None, "not_json", "archive")


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """Rows as Python values, or the reason why a row has none."""
    try:
        batch = batch.cast(pa.schema([f.with_type(_in_microseconds(f.type)) for f in batch.schema]), safe=False)
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        # one value spoils the batch, not its neighbours
        for i in range(batch.num_rows):
            try:
                yield from batch.slice(i, 1).to_pylist()
            except UnicodeDecodeError:
                yield "not_utf8"
            except (ValueError, OverflowError):
                yield "bad_value"


def _in_microseconds(kind: pa.DataType) -> pa.DataType:
    """The type with times of nanoseconds, as data frames and OpenTelemetry write them, in microseconds: Python has no finer ones."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz) if kind.unit == "ns" else kind
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_in_microseconds(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([f.with_type(_in_microseconds(f.type)) for f in kind.fields])
    return kind


def _batch_rows(metadata: Any) -> int:
    """Rows of a batch: no value is larger than its column chunk, so this many rows stay below the limit."""
    groups = (metadata.row_group(g) for g in range(metadata.num_row_groups))
    largest = max((g.column(c).total_uncompressed_size for g in groups for c in range(g.num_columns)), default=1)
    return max(1, min(_MOST_ROWS, _BATCH_BYTES // max(largest, 1)))


def _row(value: dict[str, Any], name: str, number: int, caps: Caps) -> Record:
    cleaned = _clean(value)
    try:
        n_bytes = len(str(cleaned).encode())
    except UnicodeEncodeError:
        return _refused(name, number, "not_utf8")
    if n_bytes > caps.max_bytes:
        return Record(name, number, n_bytes, content_digest(cleaned), None, "too_long")
    return Record(name, number, n_bytes, content_digest(cleaned), cleaned)


def _refused(name: str, number: int, reason: str) -> Record:
    return Record(name, number, 0, raw_digest(f"{name}:{number}".encode()), None, reason)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
