"""What BI tools open: never half, never locked, readable by an older DuckDB."""

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from liveeval_assets.runtime.home import REPOSITORY
from liveeval_assets.runtime.publish import FILE, PRIVATE, publish
from liveeval_assets.shared.errors import MartsError

TABLES = ("dim_release", "fct_gap")
_REQUIREMENTS = Path(__file__).with_name("duckdb_1x.txt")


def _build(marts: Path, generation: int, rows: int = 1000) -> None:
    """A private build file whose tables all carry `generation`."""
    (marts / PRIVATE).mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(marts / PRIVATE / FILE)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
        for table in TABLES:
            connection.execute(
                f"CREATE OR REPLACE TABLE marts.{table} AS SELECT range AS n, {generation} AS generation, now() AS at, [1] AS l FROM range({rows})"
            )
        connection.execute("COMMENT ON TABLE marts.fct_gap IS 'it''s a gap'; COMMENT ON COLUMN marts.fct_gap.n IS 'a number'")


def test_publishes_parquet_and_one_file_with_descriptions(tmp_path: Path) -> None:
    _build(tmp_path, 1)
    served = publish(tmp_path, TABLES)
    assert {p.name for p in served} == {"dim_release.parquet", "fct_gap.parquet", FILE}
    with duckdb.connect(str(tmp_path / FILE), read_only=True) as connection:
        assert connection.execute("SELECT count(*), max(generation) FROM fct_gap").fetchall() == [(1000, 1)]
        assert connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'fct_gap'").fetchall() == [("it's a gap",)]
        assert ("a number",) in connection.execute("SELECT comment FROM duckdb_columns() WHERE table_name = 'fct_gap'").fetchall()
        assert connection.execute(f"SELECT count(*) FROM '{tmp_path}/dim_release.parquet'").fetchall() == [(1000,)]
    assert not list((tmp_path / PRIVATE).glob("publish.*"))


def test_a_missing_mart_leaves_the_served_files_alone(tmp_path: Path) -> None:
    _build(tmp_path, 1)
    publish(tmp_path, TABLES)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    _build(tmp_path, 2)
    with pytest.raises(MartsError, match="still served"):
        publish(tmp_path, (*TABLES, "no_such_mart"))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def test_a_retired_mart_disappears(tmp_path: Path) -> None:
    _build(tmp_path, 1)
    publish(tmp_path, TABLES)
    publish(tmp_path, TABLES[:1])
    assert {p.stem for p in tmp_path.glob("*.parquet")} == {"dim_release"}


_HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("SELECT max(generation) FROM fct_gap").fetchall()[0][0], flush=True)
sys.stdin.readline()
print(connection.execute("SELECT min(generation), max(generation), count(*) FROM fct_gap").fetchall()[0], flush=True)
"""


def test_a_reader_that_holds_the_file_blocks_nothing_and_keeps_its_snapshot(tmp_path: Path) -> None:
    _build(tmp_path, 1)
    publish(tmp_path, TABLES)
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path / FILE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline() == "1\n"
        _build(tmp_path, 2)
        publish(tmp_path, TABLES)
        reader.stdin.write("go\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "(1, 1, 1000)\n"
    with duckdb.connect(str(tmp_path / FILE), read_only=True) as connection:
        assert connection.execute("SELECT max(generation) FROM fct_gap").fetchall() == [(2,)]


def test_an_open_file_keeps_its_bytes(tmp_path: Path) -> None:
    _build(tmp_path, 1)
    held = {path: path.open("rb") for path in publish(tmp_path, TABLES)}
    before = {path: path.read_bytes() for path in held}
    _build(tmp_path, 2)
    publish(tmp_path, TABLES)
    for path, file in held.items():
        with file:
            assert file.read() == before[path] != path.read_bytes()


_LOOKER = """
import sys, time, duckdb
seen = set()
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    with duckdb.connect(sys.argv[1], read_only=True) as c:
        found = [c.execute(f"SELECT min(generation), max(generation), count(*) FROM {t}").fetchall()[0] for t in ("dim_release", "fct_gap")]
    assert found[0] == found[1] and found[0][0] == found[0][1] and found[0][2] == 1000, found
    seen.add(found[0][0])
print(len(seen))
"""


def test_concurrent_readers_never_see_half_a_file(tmp_path: Path) -> None:
    _build(tmp_path, 0)
    publish(tmp_path, TABLES)
    command = [sys.executable, "-c", _LOOKER, str(tmp_path / FILE), "2.5"]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    generation = 0
    while any(r.poll() is None for r in readers):
        generation += 1
        _build(tmp_path, generation)
        publish(tmp_path, TABLES)
    for reader in readers:
        out, err = reader.communicate()
        assert reader.returncode == 0, err
        assert int(out) > 1, "the reader saw one generation only: nothing was tested"


@pytest.fixture(scope="module")
def older_python() -> Path:
    """A Python with a pinned DuckDB 1.x, in its own environment under .cache; made once."""
    where = REPOSITORY / ".cache" / f"duckdb_1x-{hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    python = where / "bin" / "python"
    if not (where / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(where)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(_REQUIREMENTS)]
        subprocess.run(install, check=True)
        (where / ".ready").touch()
    return python


_OLDER = """
import sys, duckdb
assert duckdb.__version__.startswith("1."), duckdb.__version__
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("SELECT count(*), max(generation), sum(l[1]) FROM fct_gap").fetchall())
"""


def test_an_older_duckdb_opens_the_published_file(tmp_path: Path, older_python: Path) -> None:
    _build(tmp_path, 7)
    publish(tmp_path, TABLES)
    result = subprocess.run([str(older_python), "-c", _OLDER, str(tmp_path / FILE)], capture_output=True, text=True, check=False)
    assert result.stdout == "[(1000, 7, 1000)]\n", result.stderr


def test_the_private_build_file_is_too_new_for_it(tmp_path: Path, older_python: Path) -> None:
    # otherwise the test above would prove nothing
    _build(tmp_path, 7)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path}/new.duckdb' AS new (STORAGE_VERSION 'latest')")
        connection.execute("CREATE TABLE new.fct_gap AS SELECT range AS n FROM range(1000)")
    result = subprocess.run([str(older_python), "-c", _OLDER, str(tmp_path / "new.duckdb")], capture_output=True, text=True, check=False)
    assert result.returncode != 0
