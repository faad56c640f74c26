from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.shared.hashing import digest, keyed, table_hash, uniform, uniforms


def test_parts_do_not_run_into_each_other() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert keyed(b"k", "ab", "c") != keyed(b"k", "a", "bc")


def test_a_pseudonym_needs_the_key() -> None:
    assert keyed(b"one", "user", "alice") != keyed(b"two", "user", "alice")


def test_uniform_is_uniform_and_repeats() -> None:
    draws = uniforms(7, "draw", range(20_000))
    assert abs(draws.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 20_000)
    assert abs((draws < 0.1).mean() - 0.1) < 0.01
    assert uniform(7, "draw", 3) == draws[3]
    assert uniform(8, "draw", 3) != draws[3]


def _table(rows: list[dict[str, object]]) -> pa.Table:
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("x", pa.float64()),
            ("v", pa.list_(pa.float32())),
            ("s", pa.list_(pa.struct([("role", pa.string()), ("text", pa.string())]))),
            ("t", pa.timestamp("us", tz="UTC")),
            ("d", pa.date32()),
            ("b", pa.bool_()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


ROWS: list[dict[str, object]] = [
    {
        "id": "a",
        "x": 1.5,
        "v": [1.0, 2.0],
        "s": [{"role": "user", "text": "hé"}],
        "t": datetime(2026, 6, 1, tzinfo=UTC),
        "d": date(2026, 6, 1),
        "b": True,
    },
    {"id": "b", "x": None, "v": None, "s": [], "t": None, "d": None, "b": None},
    {"id": "c", "x": 0.0, "v": [], "s": [{"role": None, "text": ""}], "t": None, "d": None, "b": False},
]


def test_order_and_chunks_do_not_change_the_hash() -> None:
    straight = table_hash(_table(ROWS), key=["id"])
    chunked = pa.concat_tables([_table(ROWS[2:]), _table(ROWS[:2])])
    sliced = _table([*ROWS, *ROWS]).slice(0, 3)
    assert table_hash(chunked, key=["id"]) == straight
    assert table_hash(sliced, key=["id"]) == straight


@pytest.mark.parametrize(
    "change",
    [
        {"x": 1.6},
        {"x": None},
        {"v": [2.0, 1.0]},
        {"v": []},
        {"v": None},
        {"s": []},
        {"s": [{"role": "user", "text": ""}]},
        {"s": [{"role": "userh", "text": "é"}]},
        {"t": None},
        {"d": date(2026, 6, 2)},
        {"b": False},
        {"b": None},
        {"id": "aa"},
    ],
)
def test_every_change_of_a_value_changes_the_hash(change: dict[str, object]) -> None:
    assert table_hash(_table([{**ROWS[0], **change}, *ROWS[1:]]), key=["id"]) != table_hash(_table(ROWS), key=["id"])


@given(st.lists(st.lists(st.text(max_size=3), max_size=3), min_size=2, max_size=2, unique_by=tuple))
def test_different_lists_of_text_have_different_hashes(pair: list[list[str]]) -> None:
    one, two = (pa.table({"k": [1], "v": pa.array([v], pa.list_(pa.string()))}) for v in pair)
    assert table_hash(one, key=["k"]) != table_hash(two, key=["k"])


def test_volatile_columns_do_not_count() -> None:
    table = pa.table({"k": [1], "seconds": [0.1]})
    other = pa.table({"k": [1], "seconds": [0.2]})
    assert table_hash(table, key=["k"], skip=["seconds"]) == table_hash(other, key=["k"], skip=["seconds"])
