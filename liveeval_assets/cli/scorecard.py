"""`liveeval scorecard`: the newest scorecard as a person reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.home import REPOSITORY, Home, open_home
from liveeval_assets.shared.errors import LakeError
from liveeval_assets.tables import TABLES

_BARS = {
    "judge": "The judge flatters",
    "test_set": "The test set is not production",
    "construct": "Quality is not the outcome",
    "selection": "Who answered",
    "not_identified": "Not identified",
}


def print_scorecard() -> None:
    """Print offline score and north star by release, the bars of why, and where to look next.

    Raises:
        LakeError: no week has a scorecard yet.
    """
    home = open_home()
    product = home.settings.product  # a folder without settings is told before a lake is made in it
    weeks = home.catalogue.weeks(PUBLISHED)
    if not weeks:
        raise LakeError(f"scorecards/scores has no week yet; run `{home.command('refresh')}`")
    console = Console(highlight=False, width=110)
    console.print(f"\n[bold]{product}[/bold], scorecard of week {weeks[-1]}")
    state = freshness(home)
    console.print(state.sentence, soft_wrap=True)
    console.print(_releases(home, weeks[-1] if state.is_stale else None))
    for reason in _no_headline(home, weeks[-1]):
        console.print(reason, soft_wrap=True)
    gap = _why(home)
    if gap is not None:
        console.print(gap)
    console.print("Where to look next")
    console.print(f"  page        {home.marts / 'report' / 'latest.html'}", soft_wrap=True)
    console.print(f"  BI file     {home.marts / 'liveeval.duckdb'}  (Parquet beside it)", soft_wrap=True)
    where = "" if home.path == REPOSITORY else f" LIVEEVAL_HOME={home.path}"
    console.print(f"  Dagster UI  make dev{where}, then http://127.0.0.1:3000\n", soft_wrap=True)


def _releases(home: Home, stale: date | None) -> Table:
    """Each release as its own last week saw it; what is seen from the week `stale` is STALE, as in the marts."""
    frame = _read(home, "scorecards/scores").filter(pl.col("stratum_id") == "ALL")
    releases = _read(home, "releases/registry").sort("deployed_at")["release_id"].to_list()
    table = Table(title="Offline score and north star by release", title_justify="left")
    for heading in ("release", "naive offline score", "audited", "headline", "north star", "status"):
        table.add_column(heading)
    for release in releases:
        own = frame.filter(pl.col("release_id") == release)
        if own.is_empty():
            continue
        seen = own["week"].max()
        own = own.filter(pl.col("week") == seen)
        rows = {(r["measure"], r["population"]): r for r in own.to_dicts()}
        headline = next((r for r in rows.values() if r["is_headline"]), None)
        naive = rows.get(("naive", "frozen")) or rows.get(("naive", "living"))
        audited = rows.get(("audited", "living"))
        north = rows.get(("north_star", "traffic"))
        name = f" ({headline['measure']})" if headline else ""
        status = "STALE" if seen == stale else (north or naive or {}).get("status", "")
        table.add_row(release, _value(naive), _value(audited), _value(headline) + name, _value(north), status)
    return table


def _no_headline(home: Home, week: date) -> list[str]:
    """Why nothing may be quoted of a release that served the week."""
    frame = _read(home, "scorecards/scores").filter((pl.col("week") == week) & (pl.col("stratum_id") == "ALL"))
    quoted = frame.filter(pl.col("is_headline"))["release_id"].to_list()
    rows = frame.filter(~pl.col("release_id").is_in(quoted) & pl.col("headline_reason").is_not_null())
    return [f"{r['release_id']} has no headline: {r['headline_reason']}" for r in rows.to_dicts()]


def _why(home: Home) -> Table | None:
    """Growth of the gap of the newest release since the reference, in bars; level where there is no growth."""
    frame = _read(home, "scorecards/gap")
    if frame.is_empty():
        return None
    frame = frame.filter(pl.col("week") == frame["week"].max())
    form = "growth" if (frame["form"] == "growth").any() else "level"
    frame = frame.filter(pl.col("form") == form)
    shown = set(frame["release_id"].to_list())
    release = [r for r in _read(home, "releases/registry").sort("deployed_at", "release_id")["release_id"].to_list() if r in shown][-1]
    rows = {r["component"]: r for r in frame.filter(pl.col("release_id") == release).to_dicts()}
    what = "grew since the reference release" if form == "growth" else "is there"
    table = Table(title=f"Why the gap of {release} {what}", title_justify="left")
    for heading in ("bar", "points", "95 % interval", ""):
        table.add_column(heading)
    for bar, name in _BARS.items():
        row = rows.get(f"bar_{bar}") or rows.get(bar)
        is_nothing = bar == "not_identified" and row is not None and not row["estimate"] and not row["hi"]
        if row is not None and row["estimate"] is not None and not is_nothing:
            table.add_row(name, f"{100 * row['estimate']:+.1f}", _interval(row), _verdict(row))
    if (total := rows.get("gap")) is not None:
        table.add_row("Gap", f"{100 * total['estimate']:+.1f}", _interval(total), _verdict(total), style="bold")
    return table


def _read(home: Home, path: str) -> pl.DataFrame:
    found = pl.from_arrow(home.lake.read(TABLES[path]))
    assert isinstance(found, pl.DataFrame)
    return found


def _value(row: dict[str, Any] | None) -> str:
    if row is None or row["estimate"] is None:
        return "-"
    half = f" ± {100 * (row['hi'] - row['lo']) / 2:.1f}" if row["lo"] is not None else ""
    return f"{100 * row['estimate']:.1f}{half}"


def _interval(row: dict[str, Any]) -> str:
    return f"{100 * row['lo']:+.1f} to {100 * row['hi']:+.1f}" if row["lo"] is not None else ""


def _verdict(row: dict[str, Any]) -> str:
    if row["lo"] is None:
        return row["reason"] or ""
    found = "not distinguishable from zero" if row["lo"] <= 0 <= row["hi"] else ""
    # what a bar of several components does not hold
    return "; ".join(x for x in (found, row["reason"] if row["component"].startswith("bar_") else "") if x)
