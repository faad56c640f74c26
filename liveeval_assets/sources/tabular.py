"""CSV and Parquet rows as records."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import IO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from liveeval_assets.shared.records import Caps, Record

_BATCH = 1024


def read_csv(file: IO[bytes], name: str, caps: Caps) -> Iterator[Record]:
    """Rows of a CSV file with a header; an empty cell is null. Bytes that are not UTF-8 refuse their row."""
    csv.field_size_limit(caps.max_bytes)
    reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=""))
    number = 1
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Record(name, number, caps.max_bytes, "", None, "too_long")
            continue
        raw = repr(sorted(row.items(), key=str)).encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(raw).hexdigest()
        if None in row or None in row.values():
            yield Record(name, number, len(raw), digest, None, "missing_field")
        elif any("\udc80" <= c <= "\udcff" for value in row.values() for c in str(value)):
            yield Record(name, number, len(raw), digest, None, "not_utf8")
        else:
            yield Record(name, number, len(raw), digest, {k: v or None for k, v in row.items()})


def read_parquet(file: IO[bytes], name: str, caps: Caps) -> Iterator[Record]:
    """Rows of a Parquet file, in batches; a file that is none is one refused record."""
    try:
        source = pq.ParquetFile(file)
        number = 0
        for batch in source.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                raw = orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
                is_long = len(raw) > caps.max_bytes
                digest = hashlib.sha256(raw).hexdigest()
                yield Record(name, number, len(raw), digest, None if is_long else row, "too_long" if is_long else None)
    except (pa.ArrowInvalid, OSError):
        yield Record(name, 1, 0, "", None, "not_json")
