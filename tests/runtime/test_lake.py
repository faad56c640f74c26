"""The lake: whole weeks are replaced, conflicts are errors, no text in the log, exit codes are clean."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from liveeval_assets.runtime.catalogue import PARTITIONS, Catalogue, Entry
from liveeval_assets.runtime.lake import Lake
from liveeval_assets.runtime.reads import first_by_key
from liveeval_assets.shared.errors import LakeError, SchemaViolation
from liveeval_assets.tables import TABLES

SPEC = TABLES["traces/quarantine"]
MONDAY, NEXT = date(2026, 6, 1), date(2026, 6, 8)


def _rows(week: date, *lines: int) -> pa.Table:
    shared = {"week": week, "file": "alice@example.org", "part": 0, "reason": "not_json", "field": None, "n_bytes": 1, "n_records": 1}
    return SPEC.rows([{**shared, "line": i} for i in lines])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.create([SPEC, PARTITIONS])
    return lake


def test_writing_a_week_replaces_it_and_only_it(lake: Lake) -> None:
    lake.write(SPEC, MONDAY, _rows(MONDAY, 1, 2), {})
    lake.write(SPEC, NEXT, _rows(NEXT, 3), {})
    version = lake.write(SPEC, MONDAY, _rows(MONDAY, 4), {})
    assert lake.read(SPEC, [MONDAY])["line"].to_pylist() == [4]
    assert lake.read(SPEC, [NEXT])["line"].to_pylist() == [3]
    assert lake.read(SPEC, version=version - 2).num_rows == 2
    assert lake.read(SPEC, []).num_rows == 0


def test_a_week_may_be_emptied_without_touching_others(lake: Lake) -> None:
    lake.write(SPEC, MONDAY, _rows(MONDAY, 1), {})
    lake.write(SPEC, NEXT, _rows(NEXT, 3), {})
    lake.write(SPEC, MONDAY, SPEC.empty(), {})
    assert lake.read(SPEC)["line"].to_pylist() == [3]


def test_rows_of_another_week_are_refused_without_showing_them(lake: Lake) -> None:
    with pytest.raises(LakeError) as caught:
        lake.write(SPEC, MONDAY, _rows(NEXT, 1), {})
    assert "alice" not in str(caught.value)
    assert lake.version(SPEC) == 0


def test_a_wrong_schema_is_refused(lake: Lake) -> None:
    with pytest.raises(SchemaViolation, match="quarantine"):
        lake.write(SPEC, MONDAY, pa.table({"week": [MONDAY]}), {})


def test_the_transaction_log_holds_no_values(lake: Lake) -> None:
    lake.write(SPEC, MONDAY, _rows(MONDAY, 1), {})
    logs = "".join(p.read_text() for p in (Path(lake.uri(SPEC)) / "_delta_log").glob("*.json"))
    assert "2026-06-01" in logs
    assert "alice" not in logs


def test_different_weeks_can_be_written_at_the_same_time(lake: Lake) -> None:
    weeks = [date.fromordinal(MONDAY.toordinal() + 7 * i) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda w: Lake(lake.root).write(SPEC, w, _rows(w, 1), {}), weeks))
    assert lake.read(SPEC).num_rows == 8
    assert sorted(versions) == list(range(1, 9))


def test_concurrent_creation_leaves_whole_tables(tmp_path: Path) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: Lake(tmp_path).create(TABLES.values()), range(5)))
    assert all(Lake(tmp_path).version(s) == 0 for s in TABLES.values())


def test_a_missing_table_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="liveeval init"):
        Lake(tmp_path).read(SPEC)


def test_a_truncated_commit_is_a_clear_error(lake: Lake) -> None:
    lake.write(SPEC, MONDAY, _rows(MONDAY, 1), {})
    (Path(lake.uri(SPEC)) / "_delta_log" / "00000000000000000001.json").write_text('{"add": {"pa')
    with pytest.raises(LakeError, match="liveeval doctor"):
        lake.read(SPEC)


def test_readers_leave_with_a_clean_exit_code(lake: Lake) -> None:
    for line in range(3):
        lake.write(SPEC, date.fromordinal(MONDAY.toordinal() + 7 * line), _rows(date.fromordinal(MONDAY.toordinal() + 7 * line), line + 1), {})
    code = (
        "from pathlib import Path\nfrom liveeval_assets.runtime.lake import Lake\nfrom liveeval_assets.tables import TABLES\n"
        f"print(Lake(Path({str(lake.root)!r})).read(TABLES['traces/quarantine']).num_rows)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False) for _ in range(6)]
    assert [(r.returncode, r.stdout.strip()) for r in runs] == [(0, "3")] * 6


def _entry(version: int, content: str) -> Entry:
    return Entry(SPEC.path, MONDAY, version, content, 1, "run", "fingerprint", {"a/b": "h"}, {"a/b": 3})


def test_the_catalogue_remembers_the_newest_entry(lake: Lake) -> None:
    catalogue = Catalogue(lake, [SPEC])
    for content in ("one", "two", "three"):
        catalogue.record(_entry(0, content))
        catalogue.flush()
    again = Catalogue(lake, [SPEC])
    assert again.get(SPEC.path, MONDAY) == _entry(0, "three")
    assert again.weeks(SPEC.path) == [MONDAY]


def test_a_commit_that_the_catalogue_missed_is_taken_up(lake: Lake) -> None:
    entry = _entry(1, "content")
    assert lake.write(SPEC, MONDAY, _rows(MONDAY, 1), entry.note()) == 1
    catalogue = Catalogue(lake, [SPEC])
    assert catalogue.get(SPEC.path, MONDAY) == entry
    catalogue.flush()
    assert lake.read(PARTITIONS).num_rows == 1


def test_of_an_append_only_table_the_first_row_of_a_key_counts_in_the_order_of_the_rows() -> None:
    rows = _rows(MONDAY, 3, 1, 3, 2, 1)
    rows = rows.set_column(rows.schema.get_field_index("n_bytes"), "n_bytes", pa.array(range(5), pa.int64()))
    found = first_by_key(rows, SPEC)
    assert list(zip(found["line"].to_pylist(), found["n_bytes"].to_pylist(), strict=True)) == [(3, 0), (1, 1), (2, 3)]
    assert first_by_key(SPEC.empty(), SPEC).num_rows == 0
