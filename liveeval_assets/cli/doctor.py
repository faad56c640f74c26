"""`liveeval doctor`: what is wrong with this home and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from rich.console import Console

from liveeval_assets.cli.init import run_init
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import LakeError, SourceError
from liveeval_assets.shared.hashing import table_hash
from liveeval_assets.shared.spec import TableSpec
from liveeval_assets.tables import TABLES

FINDING = 2


def _damaged(home: Home, spec: TableSpec) -> Iterator[Entry]:
    for week in home.catalogue.weeks(spec.path):
        entry = home.catalogue.get(spec.path, week)
        if entry is not None and (entry.is_damaged or _rows_as_written(home, entry, None) is None):
            yield entry


def _rows_as_written(home: Home, entry: Entry, version: int | None) -> pa.Table | None:
    """Rows of a partition at a version of its table (None: the newest), if they are those that were written."""
    spec = TABLES[entry.table]
    try:
        rows = home.lake.read(spec, [entry.week], version)
    except LakeError:
        return None
    return rows if table_hash(rows, key=spec.key, skip=spec.volatile) == entry.content_hash else None


def _mend(home: Home, entry: Entry) -> str:
    """Write the rows again if the version that was written still holds them; else mark them, so that a refresh rebuilds them."""
    rows = None if entry.is_damaged else _rows_as_written(home, entry, entry.version)
    if rows is not None:
        home.catalogue.record(Entry.of(entry.note(), home.lake.write(TABLES[entry.table], entry.week, rows, entry.note())))
        return f"RESTORED {entry.table} week {entry.week}: it did not hold what was written; version {entry.version} did"
    home.catalogue.record(entry.damaged())
    again = "rebuild it from what the sources hold today" if TABLES[entry.table].is_frame else "rebuild it"
    return f"DAMAGED  {entry.table} week {entry.week}: it does not hold what was written; run `{home.command('refresh')}` to {again}"


def _restart(home: Home, spec: TableSpec) -> str | None:
    """Of an append-only table that cannot be read, keep the files that can; a refresh adds what the others held."""
    try:
        home.lake.read(spec)
    except LakeError:
        n_files = home.lake.drop_unreadable(spec)
        for entry in [home.catalogue.get(spec.path, week) for week in home.catalogue.weeks(spec.path)]:
            if entry is not None:
                home.catalogue.record(entry.damaged())
        return f"DAMAGED  {spec.path}: {n_files} file(s) gone or broken; run `{home.command('refresh')}` to add again what the journal knows"
    return None


def run_doctor() -> int:
    """Freshness, damaged partitions, and what a closed week would hold if it were opened again."""
    home = run_init()
    from liveeval_assets import definitions  # noqa: F401  declares the assets
    from liveeval_assets.runtime.dbt import needs_build
    from liveeval_assets.runtime.factory import REGISTERED

    console = Console(highlight=False)
    with home.alone(seconds=0):
        told = [_mend(home, entry) for spec in TABLES.values() if not spec.is_append_only for entry in list(_damaged(home, spec))]
        told += [line for spec in TABLES.values() if spec.is_append_only and (line := _restart(home, spec))]
        home.catalogue.flush()
    published = home.catalogue.weeks(PUBLISHED)
    if published and needs_build(home):
        told.append(f"UNPUBLISHED  the marts do not show what the lake holds; run `{home.command('refresh')}`")
    state = freshness(home)
    for line in (*told, state.sentence):
        console.print(line, soft_wrap=True)
    findings = len(told) + state.is_stale
    for name, asset in REGISTERED.items():
        try:
            differing = [w for w in published if asset.is_frozen(home, w) and not asset.would_be_same(home, w)]
        except SourceError as error:
            findings += 1
            console.print(f"unreadable {name.replace('__', '/')}: {error}", soft_wrap=True)
            continue
        if differing:
            console.print(f"closed   {name.replace('__', '/')}: {len(differing)} published week(s) kept as they were; code, settings or late data differ")
    console.print("no damage found" if not findings else f"{findings} finding(s)")
    return FINDING if findings else 0
