"""The charts are plain SVG: named, scalable, without anything that asks for more."""

import re
from xml.etree import ElementTree as ET

import pytest

from liveeval_assets.report import charts
from liveeval_assets.report.bars import bars
from tests.report.test_bars import LADDER, _line

POINTS = [
    {"week": "1 Jun", "release": "r1", "estimate": 0.6, "lo": 0.55, "hi": 0.65},
    {"week": "8 Jun", "release": "r1", "estimate": 0.61, "lo": 0.56, "hi": 0.66},
    {"week": "15 Jun", "release": "r<2>", "estimate": 0.7, "lo": 0.66, "hi": 0.74},
]


@pytest.fixture(scope="module")
def drawings() -> dict[str, str]:
    trend = charts.trend(POINTS, "var(--offline)", charts.domain(POINTS), 'a "trend" <of> scores')
    return {"trend": trend, "waterfall": charts.waterfall(bars(LADDER), "why")}


def test_is_named_and_scalable(drawings: dict[str, str]) -> None:
    for svg in drawings.values():
        root = ET.fromstring(svg)  # noqa: S314 (our own markup)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        assert root.get("viewBox")
        assert root.get("width") is None
    assert 'aria-label="a &quot;trend&quot; &lt;of&gt; scores"' in drawings["trend"]


def test_asks_for_nothing(drawings: dict[str, str]) -> None:
    for svg in drawings.values():
        assert "href=" not in svg
        assert "<script" not in svg
        assert "<r<2>" not in svg


def test_takes_its_colours_from_the_page(drawings: dict[str, str]) -> None:
    assert "var(--offline)" in drawings["trend"]
    assert "url(#hatch)" in drawings["waterfall"]
    assert "var(--grey)" in drawings["waterfall"]


def test_every_week_release_and_bar_is_drawn(drawings: dict[str, str]) -> None:
    for text in ("1 Jun", "8 Jun", "15 Jun", "r1", "r&lt;2&gt;"):
        assert f">{text}</text>" in drawings["trend"]
    for text in ("The judge flatters", "The test set is not production", "Quality is not the outcome", "Who answered", "The gap", "+5.0"):
        assert f">{text}</text>" in drawings["waterfall"]


def test_a_hatched_bar_is_one_that_covers_zero(drawings: dict[str, str]) -> None:
    root = ET.fromstring(drawings["waterfall"])  # noqa: S314 (our own markup)
    hatched = [e for e in root.iter() if e.get("fill") == "url(#hatch)"]
    assert len(hatched) == sum(b.kind == "unclear" for b in bars(LADDER)) == 1


def test_the_scale_holds_every_interval() -> None:
    low, high = charts.domain(POINTS)
    assert low <= 0.55
    assert high >= 0.74
    assert charts.domain([]) == (0.0, 1.0)
    assert charts.domain([{"lo": 0.0, "hi": 1.0, "estimate": 0.5}]) == (0.0, 1.0)


def test_a_picture_needs_no_page(drawings: dict[str, str]) -> None:
    for svg in drawings.values():
        assert charts.picture(svg).startswith(b"\x89PNG")


def test_bars_of_nothing_are_drawn_on_a_scale_of_points() -> None:
    noise = [_line(name, bar, 1e-17, 0.0) for name, bar in (("bar_judge", "judge"), ("bar_test_set", "test_set"), ("gap", "gap"))]
    ticks = re.findall(r">([^<>]+)</text>", charts.waterfall(bars(noise), "why"))
    assert "1" in ticks
    assert not [tick for tick in ticks if "e" in tick and any(c.isdigit() for c in tick)]
