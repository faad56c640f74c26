"""How marts reach BI tools: written whole beside the served files, then put in their place in one step.

A reader that holds an old file keeps it; one that opens later sees the new file; nobody sees half of one, and no reader
blocks a build, because dbt builds into a private file. The DuckDB file is one consistent snapshot of all marts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from liveeval_assets.shared.errors import MartsError

FILE = "liveeval.duckdb"
PRIVATE = ".build"
# every DuckDB from 1.0 on reads it; newer formats lock out tools that carry an older library
_STORAGE = "v1.0.0"


def publish(marts: Path, tables: Sequence[str]) -> list[Path]:
    """Publish the named tables of the private build file as Parquet and as one DuckDB file; returns the served paths.

    Args:
        marts: folder of the served files; the build file lies in `.build/` below it.
        tables: names in the schema `marts` of the build file.

    Raises:
        MartsError: a mart is missing or cannot be written; the served files are as they were.
    """
    private = marts / PRIVATE
    for leftover in private.glob("publish.*"):
        leftover.unlink()
    try:
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH {_quoted(private / FILE)} AS build (READ_ONLY)")
            written = [_write_parquet(connection, private, t) for t in sorted(tables)]
            written.append(_write_duckdb(connection, private, sorted(tables)))
    except duckdb.Error as error:
        raise MartsError(f"the marts were not published ({type(error).__name__}); the old ones are still served, run `liveeval refresh` again") from None
    served = [marts / path.name.removeprefix("publish.") for path in written]
    for path, target in zip(written, served, strict=True):
        _flush(path)
        path.replace(target)
    for retired in set(marts.glob("*.parquet")) - set(served):
        retired.unlink()
    return served


def _write_parquet(connection: duckdb.DuckDBPyConnection, private: Path, table: str) -> Path:
    path = private / f"publish.{table}.parquet"
    connection.execute(f'COPY (FROM build.marts."{table}" ORDER BY ALL) TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd)')
    return path


def _write_duckdb(connection: duckdb.DuckDBPyConnection, private: Path, tables: Sequence[str]) -> Path:
    path = private / f"publish.{FILE}"
    connection.execute(f"ATTACH {_quoted(path)} AS served (STORAGE_VERSION '{_STORAGE}')")
    for table in tables:
        connection.execute(f'CREATE TABLE served."{table}" AS FROM build.marts."{table}" ORDER BY ALL')
    for statement in _comments(connection, tables):
        connection.execute(statement)
    connection.execute("CHECKPOINT served")
    connection.execute("DETACH served")
    return path


def _comments(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> list[str]:
    """Statements that carry the descriptions of tables and columns over."""
    where = "database_name = 'build' AND schema_name = 'marts' AND comment IS NOT NULL"
    found = connection.execute(f"SELECT table_name, comment FROM duckdb_tables() WHERE {where}").fetchall()  # noqa: S608 (our own words)
    statements = [f'COMMENT ON TABLE served."{table}" IS {_quoted(text)}' for table, text in found if table in tables]
    columns = connection.execute(f"SELECT table_name, column_name, comment FROM duckdb_columns() WHERE {where}").fetchall()  # noqa: S608 (our own words)
    return statements + [f'COMMENT ON COLUMN served."{t}"."{c}" IS {_quoted(text)}' for t, c, text in columns if t in tables]


def _quoted(value: object) -> str:
    """A DuckDB string literal; ATTACH and COPY take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def _flush(path: Path) -> None:
    """Bytes first, then the name: a power cut must not leave a served name over an empty file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
