"""CSV and Parquet: rows become records under the same rules as lines."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.csv_rows import read_csv
from liveeval_assets.sources.parquet_rows import read_parquet
from liveeval_assets.sources.read import read_rows

CAPS = Caps(max_bytes=100)


def _csv(raw: bytes) -> list[Record]:
    return list(read_csv(io.BytesIO(raw), "f.csv", CAPS))


def _told(records: list[Record]) -> list[Any]:
    return [r.reason or r.value for r in records]


def test_csv_rows_by_header_with_empty_cells_as_null() -> None:
    assert _told(_csv(b"\xef\xbb\xbfid,score\r\n1,\r\n2,0.5\r\n")) == [{"id": "1", "score": None}, {"id": "2", "score": "0.5"}]


def test_csv_cells_may_hold_commas_quotes_and_line_breaks() -> None:
    records = _csv(b'id,text\n1,"a, ""b""\nc"\n2,d\n')
    assert _told(records) == [{"id": "1", "text": 'a, "b"\nc'}, {"id": "2", "text": "d"}]
    assert [r.line for r in records] == [2, 4]


@pytest.mark.parametrize(
    ("row", "reason"),
    [(b"1", "missing_field"), (b"1,2,3", "missing_field"), (b"J\xf6rg,1", "not_utf8"), (b"x" * 99 + b",1", "too_long"), (b"x" * 300 + b",1", "too_long")],
)
def test_a_bad_csv_row_is_refused_and_the_next_is_read(row: bytes, reason: str) -> None:
    records = _csv(b"id,score\n" + row + b"\n2,1\n")
    assert _told(records) == [reason, {"id": "2", "score": "1"}]
    assert [r.line for r in records] == [2, 3]


def test_a_header_with_a_name_twice_is_never_read_in_silence() -> None:
    assert _told(_csv(b"id,id\n1,2\n")) == ["bad_value"]


def test_an_empty_csv_has_no_rows() -> None:
    assert _csv(b"") == []
    assert _csv(b"id,score\n") == []


def _parquet(table: pa.Table) -> list[Record]:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    buffer.seek(0)
    return list(read_parquet(buffer, "f.parquet", Caps(max_bytes=300)))


def test_parquet_rows_keep_their_types_and_nan_is_null() -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    rows = [{"id": "a", "score": float("nan"), "n": [1, 2], "at": at}, {"id": "b", "score": 0.5, "n": None, "at": at}]
    assert _told(_parquet(pa.Table.from_pylist(rows))) == [{**rows[0], "score": None}, rows[1]]


def test_every_parquet_row_is_read_across_batches() -> None:
    records = _parquet(pa.table({"id": list(range(5000))}))
    assert [r.line for r in records] == list(range(1, 5001))


def test_a_long_parquet_row_is_refused_alone() -> None:
    assert _told(_parquet(pa.table({"t": ["a", "b" * 301, "c"]}))) == [{"t": "a"}, "too_long", {"t": "c"}]


def test_times_of_nanoseconds_are_read() -> None:
    at = pa.array([1_780_000_000_123_456_789, None], pa.timestamp("ns", "UTC"))
    nested = pa.array([[{"at": 1_780_000_000_123_456_789}], None], pa.list_(pa.struct([("at", pa.timestamp("ns", "UTC"))])))
    first, second = _told(_parquet(pa.table({"at": at, "messages": nested})))
    assert first == {"at": datetime(2026, 5, 28, 20, 26, 40, 123456, tzinfo=UTC), "messages": [{"at": datetime(2026, 5, 28, 20, 26, 40, 123456, tzinfo=UTC)}]}
    assert second == {"at": None, "messages": None}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pa.array([b"a", b"\xff\xfe", b"c"], pa.binary()).view(pa.string()), "not_utf8"),
        (pa.array([0, 10**18, 0], pa.timestamp("us")), "bad_value"),
    ],
    ids=["text", "time"],
)
def test_a_value_that_cannot_be_read_spoils_its_row_alone(values: pa.Array, reason: str) -> None:
    told = _told(_parquet(pa.table({"t": values})))
    assert told[1] == reason
    assert [type(row) for row in told] == [dict, str, dict]


def test_what_is_no_parquet_is_one_refused_record() -> None:
    assert _told(list(read_parquet(io.BytesIO(b"PAR1 but not really"), "f", CAPS))) == ["not_json"]


def test_a_file_that_would_unfold_without_end_is_refused() -> None:
    # a constant column of two million rows takes a few hundred bytes
    records = _parquet(pa.table({"x": pa.nulls(2_000_000, pa.int8())}))
    assert _told(records) == ["too_long"]


def test_a_small_table_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    source = FileSource(name="set", files="set.csv", format="csv", map=FieldMap(fields={"question": "q"}))
    (tmp_path / "set.csv").write_text("q,other\nhow?,1\n")
    assert read_rows(tmp_path, source) == [{"question": "how?"}]
    (tmp_path / "set.csv").write_text("q,other\nhow?\n")
    with pytest.raises(SourceError, match=r"'set': set\.csv line 2 is refused \(missing_field\)"):
        read_rows(tmp_path, source)
