"""What the page says, taken from the tables: which release it is about, its numbers beside those before it, and the state they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa

from liveeval_assets.report.numbers import Number, difference, movement
from liveeval_assets.report.words import MEASURES

ALL = "ALL"
# a scorecard without labels still has strata worth showing: the best measure that they have
_STRATUM_MEASURES = ("corrected", "audited", "panel", "agreed", "naive")
_SHOWN_WEEKS = 26

Row = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What the page must know beside the tables.

    Attributes:
        product: name of the product.
        north_star: name of the outcome.
        week: Monday of the week.
        min_users: a stratum with fewer users is not shown.
        notice: why the page is STALE; empty if it is not.
        fingerprint: hash of everything that the page was made from.
    """

    product: str
    north_star: str
    week: date
    min_users: int
    notice: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Release:
    """A release as its newest scorecard sees it."""

    name: str
    is_reference: bool
    offline: Row | None
    north_star: Row | None
    headline: Row | None
    why_none: str
    seen: date

    @property
    def measure(self) -> str:
        """What the headline measures, in words."""
        return MEASURES[self.headline["measure"]] if self.headline else "none"


class Scorecard:
    """The tables of one page behind the questions that the page asks.

    Args:
        tables: by path; `scorecards/scores`, `scorecards/gap`, `releases/registry` and `samples/strata` hold earlier weeks too.
    """

    def __init__(self, tables: Mapping[str, pa.Table], week: date) -> None:
        self.week = week
        self._scores = _frame(tables["scorecards/scores"])
        gap = _frame(tables["scorecards/gap"])
        self._gap = gap.filter(pl.col("week") == pl.col("week").max().over("release_id"))
        self._health = _frame(tables["verdicts/judge_health"])
        self._staleness = _frame(tables["eval_sets/staleness"])
        self._assigned = _frame(tables["samples/assigned"])
        self._names = {r["stratum_id"]: r["name"] for r in tables["samples/strata"].select(["stratum_id", "name"]).to_pylist()}
        self._registry = _frame(tables["releases/registry"]).sort("deployed_at", "release_id").to_dicts()

    def releases(self) -> list[Release]:
        """Every release with a scorecard, in the order of deployment."""
        found = []
        for entry in self._registry:
            own = self._scores.filter(release_id=entry["release_id"], stratum_id=ALL)
            if not own.is_empty():
                found.append(_release(entry, own))
        return found

    def gap(self, release: str, form: str) -> list[Row]:
        """Lines of the ladder in the newest week that has them for the release."""
        return self._gap.filter(release_id=release, form=form).to_dicts()

    def status(self, release: str) -> str:
        """The least settled status of the release's scores of this week."""
        own = self._scores.filter(release_id=release, week=self.week)["status"].to_list()
        return next((s for s in ("STALE", "PROVISIONAL") if s in own), "FINAL")

    def trend(self, population_measures: Sequence[tuple[str, str]]) -> list[Row]:
        """A measure by week for the newest release that has it: as the chart wants it, oldest first."""
        order = {r["release_id"]: i for i, r in enumerate(self._registry)}
        points: dict[date, Row] = {}
        for row in self._scores.filter(stratum_id=ALL).filter(pl.col("estimate").is_not_null()).to_dicts():
            is_asked = (row["population"], row["measure"]) in population_measures
            if is_asked and (row["week"] not in points or order.get(row["release_id"], -1) > order.get(points[row["week"]]["release_id"], -1)):
                points[row["week"]] = row
        return [_point(points[week]) for week in sorted(points)[-_SHOWN_WEEKS:]]

    def strata(self, release: Release, min_users: int) -> tuple[str, list[Row]]:
        """The measure that strata are scored by, and a row for each stratum with a score or a share, largest first."""
        own = self._scores.filter((pl.col("release_id") == release.name) & (pl.col("week") == self.week) & (pl.col("stratum_id") != ALL))
        wanted = [release.headline["measure"]] if release.headline else []
        measure = next((m for m in (*wanted, *_STRATUM_MEASURES) if not own.filter(measure=m).is_empty()), "")
        shares = self._shares(release.name, min_users)
        scores = {r["stratum_id"]: r for r in _one_population(own.filter(measure=measure))}
        outcomes = {r["stratum_id"]: r for r in own.filter(measure="north_star").to_dicts()}
        rows = []
        for stratum in {*shares, *scores}:
            score = scores.get(stratum)
            numbers = {"score": Number.of(score), "north_star": Number.of(outcomes.get(stratum)), "n": score["n"] if score else None}
            rows.append({"name": self._names.get(stratum, stratum), "share": shares.get(stratum), **numbers})
        return measure, sorted(rows, key=lambda r: (-(r["share"] or 0), r["name"]))

    def health(self) -> list[Row]:
        """Measures of judges and refuters of this week."""
        return self._health.sort("role", "model", "measure").to_dicts()

    def staleness(self) -> list[Row]:
        """What each version is still worth this week."""
        return self._staleness.sort("version").to_dicts()

    def inputs(self, release: str) -> tuple[list[str], list[str]]:
        """Versions that the release's scores of this week rest on, and the assumptions that failed."""
        own = self._scores.filter(release_id=release, week=self.week)
        return _distinct(own["inputs"].to_list()), _distinct(own["failed_assumptions"].to_list())

    def _shares(self, release: str, min_users: int) -> dict[str, float]:
        """Share of the release's conversations of this week, for strata with enough users."""
        own = self._assigned.filter(release_id=release)
        counts = own.group_by("stratum_id").agg(pl.len().alias("n"), pl.col("user_key").n_unique().alias("users"))
        return {r["stratum_id"]: r["n"] / own.height for r in counts.to_dicts() if r["users"] >= min_users}


def headline(releases: Sequence[Release], north_star: str) -> str:
    """The page in one sentence: what the offline score did, and what the north star did."""
    newest = releases[-1]
    reference = next((r for r in releases if r.is_reference), releases[0])
    offline, outcome = Number.of(newest.offline), Number.of(newest.north_star)
    if newest.name == reference.name:
        return f"{newest.name} is the reference: offline score {offline.share}, {north_star} {outcome.share}."
    score = movement(difference(newest.offline, reference.offline))
    star = movement(difference(newest.north_star, reference.north_star))
    return f"From {reference.name} to {newest.name} the offline score {score}, to {offline.share}, while {north_star} {star}, at {outcome.share}."


def _release(entry: Row, own: pl.DataFrame) -> Release:
    newest = own.sort("week", descending=True).to_dicts()

    def first(*wanted: tuple[str, str]) -> Row | None:
        return next((r for p, m in wanted for r in newest if (r["population"], r["measure"]) == (p, m)), None)

    offline = first(("frozen", "naive"), ("living", "naive"))
    headlines = [r for r in newest if r["is_headline"] and r["week"] == newest[0]["week"]]
    outcome = first(("traffic", "north_star"))
    # where nothing may be quoted, the reason stands beside the measure that would have been
    why_none = next((r["headline_reason"] for r in newest if not r["is_headline"] and r["week"] == newest[0]["week"] and r["headline_reason"]), "")
    return Release(entry["release_id"], entry["is_reference"], offline, outcome, headlines[0] if headlines else None, why_none, newest[0]["week"])


def _point(row: Row) -> Row:
    week: date = row["week"]
    return {"week": f"{week.day} {week:%b}", "release": row["release_id"], "estimate": row["estimate"], "lo": row["lo"], "hi": row["hi"]}


def _one_population(frame: pl.DataFrame) -> list[Row]:
    """Rows of the population that says most about production."""
    for population in ("living", "traffic", "frozen"):
        found = frame.filter(population=population)
        if not found.is_empty():
            return found.to_dicts()
    return []


def _distinct(lists: Sequence[Sequence[str] | None]) -> list[str]:
    return sorted({text for texts in lists for text in texts or ()})


def _frame(table: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found
