"""`liveeval doctor`: what is wrong with this home and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from liveeval_assets.cli.init import run_init
from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.freshness import PUBLISHED, freshness
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import LakeError
from liveeval_assets.shared.hashing import table_hash
from liveeval_assets.shared.spec import TableSpec
from liveeval_assets.tables import TABLES

FINDING = 2


def _damaged(home: Home, spec: TableSpec) -> Iterator[Entry]:
    for week in home.catalogue.weeks(spec.path):
        entry = home.catalogue.get(spec.path, week)
        if entry is None:
            continue
        try:
            found = table_hash(home.lake.read(spec, [week]), key=spec.key, skip=spec.volatile)
        except LakeError:
            found = ""
        if entry.is_damaged or found != entry.content_hash:
            yield entry


def run_doctor() -> int:
    """Freshness, damaged partitions, and what a closed week would hold if it were opened again."""
    home = run_init()
    from liveeval_assets import definitions  # noqa: F401  declares the assets
    from liveeval_assets.runtime.factory import REGISTERED

    console = Console(highlight=False)
    with home.alone(seconds=0):
        damaged = [entry for spec in TABLES.values() if not spec.is_append_only for entry in _damaged(home, spec)]
        for entry in damaged:
            # until it is written again the catalogue knows it as damaged, so that a refresh rebuilds it
            home.catalogue.record(entry.damaged())
            console.print(f"DAMAGED  {entry.table} week {entry.week}: it does not hold what was written; run `liveeval refresh` to rebuild it")
        home.catalogue.flush()
    state = freshness(home)
    console.print(state.sentence)
    findings = len(damaged) + state.is_stale
    published = home.catalogue.weeks(PUBLISHED)
    for name, asset in REGISTERED.items():
        differing = [w for w in published if asset.is_frozen(home, w) and not asset.would_be_same(home, w)]
        if differing:
            console.print(f"closed   {name.replace('__', '/')}: {len(differing)} published week(s) kept as they were; code, settings or late data differ")
    console.print("no damage found" if not findings else f"{findings} finding(s)")
    return FINDING if findings else 0
