"""`liveeval doctor`: what is wrong with this home and how to mend it."""

from __future__ import annotations

from rich.console import Console

from liveeval_assets.cli.init import run_init
from liveeval_assets.runtime.freshness import PUBLISHED, freshness
from liveeval_assets.shared.hashing import table_hash
from liveeval_assets.tables import TABLES

FINDING = 2


def run_doctor() -> int:
    """Freshness, damaged partitions, and what a closed week would hold if it were opened again."""
    home = run_init()
    from liveeval_assets import definitions  # noqa: F401  declares the assets
    from liveeval_assets.runtime.factory import REGISTERED

    console = Console(highlight=False)
    findings = 0
    state = freshness(home)
    console.print(state.sentence)
    findings += state.is_stale
    for path, spec in TABLES.items():
        if spec.is_append_only:
            continue
        for week in home.catalogue.weeks(path):
            entry = home.catalogue.get(path, week)
            rows = home.lake.read(spec, [week])
            if entry is not None and table_hash(rows, key=spec.key, skip=spec.volatile) != entry.content_hash:
                findings += 1
                console.print(f"DAMAGED  {path} week {week}: content differs from the catalogue; run `liveeval refresh --weeks {week}..{week}`")
    published = home.catalogue.weeks(PUBLISHED)
    for name, asset in REGISTERED.items():
        differing = [w for w in published if asset.is_frozen(home, w) and not asset.would_be_same(home, w)]
        if differing:
            console.print(f"closed   {name.replace('__', '/')}: {len(differing)} published week(s) kept as they were; code, settings or late data differ")
    console.print("no damage found" if not findings else f"{findings} finding(s)")
    return FINDING if findings else 0
