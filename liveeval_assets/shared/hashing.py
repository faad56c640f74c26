"""Every draw and every identity is a hash, so that a re-run gives the same bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

_SEPARATOR = b"\x1f"
_TWO_64 = float(2**64)


def digest(*parts: object) -> str:
    """A 128-bit hex identity of the parts; the separator keeps ("ab", "c") apart from ("a", "bc")."""
    return hashlib.sha256(_SEPARATOR.join(str(p).encode("utf-8", "surrogatepass") for p in parts)).hexdigest()[:32]


def digest_json(value: object) -> str:
    """Identity of a JSON-able value, whatever the order of its keys."""
    return digest(json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False))


def keyed(key: bytes, *parts: object) -> str:
    """HMAC-SHA256 of the parts, 128 bits: a pseudonym that a dictionary cannot reverse without the key."""
    message = _SEPARATOR.join(str(p).encode("utf-8", "surrogatepass") for p in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def uniform(seed: int, purpose: str, *ids: object) -> float:
    """A number in [0, 1) that depends on seed, purpose and ids alone."""
    raw = hashlib.sha256(_SEPARATOR.join(str(p).encode() for p in (seed, purpose, *ids))).digest()[:8]
    return int.from_bytes(raw, "big") / _TWO_64


def uniforms(seed: int, purpose: str, ids: Iterable[object]) -> np.ndarray:
    """`uniform` for each id: float64 array in [0, 1)."""
    return np.fromiter((uniform(seed, purpose, i) for i in ids), dtype=np.float64)


def table_hash(table: pa.Table, *, key: Iterable[str], skip: Iterable[str] = ()) -> str:
    """Content hash of a table: independent of row order, chunking and compression.

    Args:
        table: any Arrow table.
        key: columns that order the rows.
        skip: columns that do not belong to the content (measured times).
    """
    skipped = set(skip)
    order = [(name, "ascending") for name in key]
    table = (table.sort_by(order) if order and table.num_rows else table).combine_chunks()
    hasher = hashlib.sha256(str(table.num_rows).encode())
    for name in table.column_names:
        if name not in skipped:
            hasher.update(f"|{name}:{table.schema.field(name).type}|".encode())
            column = table.column(name)
            _feed(hasher, pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type))
    return hasher.hexdigest()[:32]


def _feed(hasher: hashlib._Hash, array: pa.Array) -> None:
    """Feed values, lengths and nulls of an Arrow array, whatever its buffers look like."""
    kind = array.type
    hasher.update(np.packbits(np.asarray(array.is_valid())).tobytes())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        lengths = array.value_lengths().fill_null(0)
        hasher.update(np.asarray(lengths, dtype=np.int64).tobytes())
        _feed(hasher, array.flatten())
    elif pa.types.is_struct(kind):
        for index in range(kind.num_fields):
            _feed(hasher, array.field(index))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = [v.encode("utf-8", "surrogatepass") for v in array.fill_null("").to_pylist()]
        hasher.update(np.fromiter(map(len, values), dtype=np.int64, count=len(values)).tobytes())
        hasher.update(b"".join(values))
    elif pa.types.is_null(kind):
        hasher.update(b"null")
    elif pa.types.is_boolean(kind):
        hasher.update(np.asarray(array.fill_null(False)).tobytes())
    elif pa.types.is_date32(kind):
        hasher.update(np.asarray(array.cast(pa.int32()).fill_null(0)).tobytes())
    elif pa.types.is_timestamp(kind):
        hasher.update(np.asarray(array.cast(pa.int64()).fill_null(0)).tobytes())
    else:
        hasher.update(np.asarray(array.fill_null(0)).tobytes())
