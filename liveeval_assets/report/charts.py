"""The three charts as inline SVG: no script, no request, colours from the page so that light and dark both work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from math import ceil
from typing import Any

import altair as alt
import vl_convert

from liveeval_assets.report.bars import Bar

WIDTH = 400
_HEIGHT = 190
_ROW = 54
_MARGIN = 0.02
_LEAST_POINTS = 1.0
_LABELS = 6
PALETTES = {
    "light": {
        "paper": "#fdfdfc",
        "ink": "#1d2125",
        "muted": "#5c646c",
        "line": "#dfe2e5",
        "panel": "#f4f5f5",
        "offline": "#b4501e",
        "outcome": "#1f6f8b",
        "bar": "#d98a5f",
        "grey": "#a9afb5",
        "good": "#2f6f45",
        "warn": "#7d5800",
        "bad": "#a32b24",
    },
    "dark": {
        "paper": "#15181b",
        "ink": "#e8eaec",
        "muted": "#a2aab2",
        "line": "#343a40",
        "panel": "#1d2125",
        "offline": "#e8935f",
        "outcome": "#6bbad6",
        "bar": "#b9683c",
        "grey": "#6d747b",
        "good": "#7cc795",
        "warn": "#e0b450",
        "bad": "#f08a82",
    },
}
# a fill may also be the hatch pattern that the page draws
_INK, _MUTED, _LINE = "var(--ink)", "var(--muted)", "var(--line)"
_FILLS = {"clear": "var(--bar)", "unclear": "url(#hatch)", "unidentified": "var(--grey)", "total": "var(--panel)"}

Point = dict[str, Any]


def trend(points: Sequence[Point], colour: str, domain: tuple[float, float], label: str) -> str:
    """A score over weeks with its interval; the line breaks where the release changes.

    Args:
        points: `week` (as shown), `release`, `estimate`, `lo`, `hi` in 0-1; oldest first.
        colour: CSS colour of the series.
        domain: shared by charts that are compared.
        label: what a person who cannot see it should know.
    """
    weeks: list[str] = list(dict.fromkeys(p["week"] for p in points))
    first = {p["release"]: p for p in reversed(points)}
    x = alt.X("week:O", sort=weeks, title=None, axis=alt.Axis(labelAngle=0, values=_spread(weeks)))
    y = alt.Y("estimate:Q", title=None, scale=alt.Scale(domain=list(domain), zero=False), axis=alt.Axis(format=".0%", tickCount=5))
    base = alt.Chart(alt.InlineData(values=list(points))).encode(x=x)
    intervals = base.mark_rule(stroke=colour, strokeWidth=2, opacity=0.5).encode(y=alt.Y("lo:Q", title=None), y2="hi:Q")
    line = base.mark_line(stroke=colour, strokeWidth=2).encode(y=y, detail="release:N")
    dots = base.mark_circle(color=colour, size=55, opacity=1).encode(y=y)
    names = alt.Chart(alt.InlineData(values=list(first.values())))
    releases = names.mark_text(dy=-9, align="left", baseline="bottom", color=_MUTED, fontSize=12).encode(x=x, y=alt.Y("hi:Q"), text="release:N")
    return _svg(alt.layer(intervals, line, dots, releases).properties(width=WIDTH, height=_HEIGHT), label)


def _spread(weeks: Sequence[str]) -> list[str]:
    """At most `_LABELS` of the weeks, evenly, so that their names do not touch."""
    return list(weeks[:: ceil(len(weeks) / _LABELS)])


def domain(points: Sequence[Point]) -> tuple[float, float]:
    """The smallest range in 0-1 that holds every interval, with a margin."""
    ends = [float(p[key]) for p in points for key in ("lo", "hi", "estimate") if p[key] is not None]
    return (max(0.0, min(ends, default=0.0) - _MARGIN), min(1.0, max(ends, default=1.0) + 2 * _MARGIN))


def waterfall(found: Sequence[Bar], label: str) -> str:
    """Bars that lead from nothing to the gap, in points of 100; a bar that covers zero is hatched."""
    rows = [_row(bar) for bar in found]
    order: list[str] = [r["name"] for r in rows]
    y = alt.Y("name:N", sort=order, title=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    # bars of nothing are drawn on a scale of points, not of their rounding
    ends = [v for r in rows for v in (r["start"], r["end"], r["lo"], r["hi"]) if v is not None]
    scale = alt.Scale(domain=[min([-_LEAST_POINTS, *ends]), max([_LEAST_POINTS, *ends])])
    x = alt.X("start:Q", title="points of 100", scale=scale, axis=alt.Axis(tickCount=6, format="~r"))
    blocks = base.mark_bar(height=16, yOffset=9, stroke=_INK, strokeWidth=0.8).encode(
        x=x, x2="end:Q", fill=alt.Fill("kind:N", scale=alt.Scale(domain=list(_FILLS), range=list(_FILLS.values())), legend=None)
    )
    whiskers = base.mark_rule(stroke=_INK, strokeWidth=1.6, yOffset=9).encode(x=alt.X("lo:Q"), x2="hi:Q").transform_filter("datum.lo !== null")
    zero = alt.Chart(alt.InlineData(values=[{}])).mark_rule(stroke=_INK).encode(x=alt.XDatum(0))
    # a halo keeps the line at zero from running through the words
    halo = base.mark_text(align="left", dy=-11, stroke="var(--paper)", strokeWidth=5, fontSize=13, fontWeight=600).encode(x=alt.value(0), text="title:N")
    titles = base.mark_text(align="left", dy=-11, color=_INK, fontSize=13, fontWeight=600).encode(x=alt.value(0), text="title:N")
    values = base.mark_text(align="right", dy=-11, color=_INK, fontSize=13).encode(x=alt.value(WIDTH), text="value:N")
    chart = alt.layer(zero, blocks, whiskers, halo, titles, values).properties(width=WIDTH, height=_ROW * len(rows))
    return _svg(chart, label)


def picture(svg: str) -> bytes:
    """A chart as PNG in the light colours, for viewers that show no inline SVG."""
    for name, value in PALETTES["light"].items():
        svg = svg.replace(f"var(--{name})", value)
    # the pattern is drawn by the page; a pale fill stands for it here
    return bytes(vl_convert.svg_to_png(svg.replace("url(#hatch)", PALETTES["light"]["line"]), scale=1.5))


def _row(bar: Bar) -> Point:
    """A bar in points, its interval drawn around its end."""
    lo, hi = (None if end is None else 100 * (bar.start + end) for end in (bar.number.lo, bar.number.hi))
    ends = {"start": 100 * bar.start, "end": 100 * bar.end, "lo": lo, "hi": hi}
    return {"name": bar.name, "title": bar.words.title, "value": bar.number.points, "kind": bar.kind, **ends}


def _svg(chart: alt.LayerChart | alt.FacetChart, label: str) -> str:
    """Render, drop the fixed size (the page scales it), and name it for people who cannot see it."""
    axis = {"labelColor": _MUTED, "titleColor": _MUTED, "gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE, "labelFontSize": 12, "titleFontSize": 12}
    chart = chart.configure(background="transparent", padding=4).configure_axis(**axis).configure_view(stroke=None)
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    box = re.search(r'viewBox="[^"]*"', svg)
    assert box is not None, "a rendered chart has a view box"
    body = svg[svg.index(">") + 1 :]
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box.group()} role="img" aria-label="{escape(label)}">{body}'
