"""Tables of one week to one self-contained HTML page: no script, no request, nothing that a user has written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
from markupsafe import Markup

from liveeval_assets.report import charts
from liveeval_assets.report.bars import Bar, bars, components
from liveeval_assets.report.facts import About, Release, Row, Scorecard, headline
from liveeval_assets.report.numbers import NONE, Number
from liveeval_assets.report.words import ASSUMPTIONS, HEALTH, MEASURES, STATUSES

TEMPLATE = Path(__file__).with_name("page.html.j2")
_OFFLINE = (("frozen", "naive"), ("living", "naive"))
_OUTCOME = (("traffic", "north_star"),)


@dataclass(frozen=True)
class Made:
    """A page, its first sentence, and its charts as SVG by name."""

    html: str
    headline: str
    charts: Mapping[str, str]


def render(tables: Mapping[str, pa.Table], about: About) -> Made:
    """The page of `about.week`.

    Args:
        tables: by path: `scorecards/scores`, `scorecards/gap`, `releases/registry` and `samples/strata` up to the week,
            and of the week itself `verdicts/judge_health`, `eval_sets/staleness` and `samples/assigned`.
        about: names, clock and floor of the home.
    """
    scorecard = Scorecard(tables, about.week)
    releases = scorecard.releases()
    sentence = headline(releases, about.north_star) if releases else "No release has a scorecard yet."
    found = _explain(scorecard, releases[-1].name) if releases else {"bars": []}
    trends = _trends(scorecard)
    drawn = _draw(trends, found["bars"], about)
    html = _template().render(
        about=about,
        week=f"{about.week.day} {about.week:%B %Y} ({about.week:%G-W%V})",
        status="STALE" if about.notice else scorecard.status(releases[-1].name) if releases else "PROVISIONAL",
        statuses=STATUSES,
        palettes=charts.PALETTES,
        headline=sentence,
        newest=releases[-1] if releases else None,
        reference=next((r.name for r in releases if r.is_reference), releases[0].name if releases else ""),
        releases=[_line(r, scorecard) for r in releases],
        trend_rows=_beside(*trends),
        charts=drawn,
        health=[{**row, "words": HEALTH.get(row["measure"], row["measure"]), "number": Number.of(row)} for row in scorecard.health()],
        staleness=scorecard.staleness(),
        dash=NONE,
        **found,
        **(_topics(scorecard, releases[-1], about) if releases else {}),
    )
    return Made(html, sentence, drawn)


def _explain(scorecard: Scorecard, release: str) -> dict[str, Any]:
    """The bars of the release's growth, or of its level where there is no growth, and the components of both."""
    ladders = {form: rows for form in ("growth", "level") if (rows := scorecard.gap(release, form))}
    form = next(iter(ladders), "level")
    found = bars(ladders.get(form, []))
    return {"form": form, "bars": found, "total": found[-1] if found else None, "ladders": {f: components(rows) for f, rows in ladders.items()}}


def _topics(scorecard: Scorecard, release: Release, about: About) -> dict[str, Any]:
    """Strata, inputs and failed assumptions of the release."""
    measure, strata = scorecard.strata(release, about.min_users)
    inputs, failed = scorecard.inputs(release.name)
    return {"measure": MEASURES.get(measure, ""), "strata": strata, "inputs": inputs, "failed": [ASSUMPTIONS.get(name, name) for name in failed]}


def _trends(scorecard: Scorecard) -> tuple[list[Row], list[Row]]:
    """Offline score and north star by week."""
    return scorecard.trend(_OFFLINE), scorecard.trend(_OUTCOME)


def _draw(trends: tuple[list[Row], list[Row]], found: list[Bar], about: About) -> dict[str, str]:
    """The two trends on one scale, and the waterfall; what has no data has no chart."""
    offline, outcome = trends
    scale = charts.domain([*offline, *outcome])
    drawn = {}
    if offline:
        drawn["offline"] = charts.trend(offline, "var(--offline)", scale, f"Offline score by week: {_spoken(offline)}")
    if outcome:
        drawn["outcome"] = charts.trend(outcome, "var(--outcome)", scale, f"{about.north_star} by week: {_spoken(outcome)}")
    if found:
        drawn["waterfall"] = charts.waterfall(found, "; ".join(f"{b.words.title} {b.number.points} points" for b in found))
    return drawn


def _beside(offline: list[Row], outcome: list[Row]) -> list[Row]:
    """Both series by week."""
    left, right = ({p["week"]: p for p in points} for points in (offline, outcome))
    weeks = dict.fromkeys([*left, *right])
    shown = [(week, left.get(week), right.get(week)) for week in weeks]
    return [{"week": w, "release": (a or b or {})["release"], "offline": Number.of(a), "outcome": Number.of(b)} for w, a, b in shown]


def _spoken(points: list[Row]) -> str:
    """First and last point of a series in words."""
    first, last = points[0], points[-1]
    return f"from {Number.of(first).share} of 100 in the week of {first['week']} to {Number.of(last).share} in that of {last['week']}"


def _line(release: Release, scorecard: Scorecard) -> Row:
    """A row of the table by release."""
    total = [r for r in scorecard.gap(release.name, "level") if r["component"] == "gap"]
    return {
        "name": release.name,
        "is_reference": release.is_reference,
        "offline": Number.of(release.offline),
        "headline": Number.of(release.headline),
        "measure": release.measure,
        "why_none": "" if release.headline else release.why_none,
        "north_star": Number.of(release.north_star),
        "gap": Number.of(total[0] if total else None),
        "seen": release.seen if release.seen != scorecard.week else None,
    }


@lru_cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["svg"] = Markup  # our own charts; everything else is escaped
    return environment.from_string(TEMPLATE.read_text("utf-8"))
