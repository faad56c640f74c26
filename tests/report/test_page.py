"""The page says what the tables say, escapes what users wrote, and asks nobody for anything."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.report.facts import About, Scorecard, headline
from liveeval_assets.report.numbers import NONE
from liveeval_assets.report.page import render
from liveeval_assets.tables import TABLES
from tests.dbt.fixture_lake import SECRET, STRATA, interval
from tests.report.conftest import FIRST, SECOND


class _Outline(HTMLParser):
    """Tags with their attributes, and table captions."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def html(tables: dict[str, pa.Table], about: About) -> str:
    return render(tables, about).html


def _changed(table: pa.Table, **columns: Any) -> pa.Table:
    for name, value in columns.items():
        index = table.schema.get_field_index(name)
        table = table.set_column(index, table.schema.field(name), pa.array([value] * table.num_rows, table.schema.field(name).type))
    return table


def test_the_first_sentence_compares_offline_and_north_star(tables: dict[str, pa.Table]) -> None:
    sentence = headline(Scorecard(tables, SECOND).releases(), "resolution")
    assert sentence.startswith("From r1 to r2 the offline score rose by 10.0 points, to 72.0, while resolution did not move measurably (0.0 points")


def test_the_reference_is_not_compared_with_itself(tables: dict[str, pa.Table], about: About) -> None:
    first = {**tables, "scorecards/scores": tables["scorecards/scores"].filter(pa.compute.equal(tables["scorecards/scores"]["release_id"], "r1"))}
    assert "r1 is the reference: offline score 62.0, resolution 56.0." in render(first, replace(about, week=FIRST)).html


def test_asks_nobody_for_anything(html: str) -> None:
    outline = _Outline(html)
    assert not outline.named("script")
    assert not outline.named("link")
    assert not outline.named("img")
    assert not outline.named("iframe")
    for tag, attributes in outline.tags:
        assert not {"src", "href", "xlink:href", "action"} & set(attributes), tag
        assert not [a for a in attributes if a.startswith("on")], tag
    assert "url(http" not in html
    assert "default-src 'none'" in html


def test_what_users_wrote_is_escaped(html: str) -> None:
    assert STRATA["s4"] not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert SECRET not in html


def test_every_table_has_a_caption_and_headers_and_every_chart_a_name(html: str) -> None:
    outline = _Outline(html)
    assert len(outline.named("table")) == len(outline.named("caption")) == 6
    assert all(th.get("scope") in {"col", "row"} for th in outline.named("th"))
    assert [svg.get("role") for svg in outline.named("svg") if "aria-hidden" not in svg] == ["img"] * 3
    assert outline.named("html")[0]["lang"] == "en-GB"


def test_shows_all_components_and_both_forms(html: str) -> None:
    for words in ("who is shown first", "longer looks better", "items seen in training", "who gives feedback", "traffic that the test set has no items for"):
        assert html.count(f"<td>{words}</td>") == 2
    assert "not identified; one judge family only; its mass is in false_pass" in html


def test_topics_by_share_with_the_headline_measure(html: str) -> None:
    assert "r2, corrected by human labels" in html
    shares = [int(part.split(" %")[0]) for part in html.split('<td class="n">')[1:] if part[:6].split(" %")[0].isdigit() and " %" in part[:6]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=2)


def test_small_topics_keep_their_share_to_themselves(tables: dict[str, pa.Table], about: About) -> None:
    page = render(tables, replace(about, min_users=1000)).html
    assert page.count(f'<td class="n">{NONE}</td>') == len(STRATA)
    assert "28 %" not in page


def test_status_banner(tables: dict[str, pa.Table], about: About, html: str) -> None:
    assert '<div class="status PROVISIONAL"' in html
    final = {**tables, "scorecards/scores": _changed(tables["scorecards/scores"], status="FINAL")}
    assert '<div class="status FINAL"' in render(final, about).html
    stale = render(final, replace(about, notice="1 week(s) without a scorecard (2026-06-15).")).html
    assert '<div class="status STALE"' in stale
    assert "1 week(s) without a scorecard (2026-06-15)." in stale


def test_carries_inputs_failed_assumptions_and_fingerprint(html: str) -> None:
    assert "<code>frozen 4c1d</code>" in html
    assert "Assumptions that do not hold: outcome_mnar." in html
    assert 'name="liveeval-fingerprint" content="f1"' in html[:2000]


def test_alarms_and_unknown_health_are_visible(html: str) -> None:
    assert html.count("▲ alarm") == 1
    assert "empty or constant answers passed" in html


def test_an_outcome_that_is_not_known_is_stated_not_invented(tables: dict[str, pa.Table], about: About) -> None:
    scores = tables["scorecards/scores"]
    without = {
        **tables,
        "scorecards/scores": scores.filter(pa.compute.equal(scores["measure"], "naive")),
        "scorecards/gap": TABLES["scorecards/gap"].empty(),
        "verdicts/judge_health": TABLES["verdicts/judge_health"].empty(),
        "eval_sets/staleness": TABLES["eval_sets/staleness"].empty(),
    }
    made = render(without, about)
    assert f"while resolution cannot be compared, at {NONE}." in made.html
    assert "No gap is stated for this week" in made.html
    assert set(made.charts) == {"offline"}


def test_a_week_without_any_scorecard(tables: dict[str, pa.Table], about: About) -> None:
    empty = {path: TABLES[path].empty() for path in tables}
    assert "No release has a scorecard yet." in render(empty, about).html


def test_a_level_where_there_is_no_growth(tables: dict[str, pa.Table], about: About) -> None:
    gap = tables["scorecards/gap"]
    level = {**tables, "scorecards/gap": gap.filter(pa.compute.equal(gap["form"], "level"))}
    assert "The gap between the offline score of r2 and resolution is" in render(level, about).html


def test_row_order_does_not_matter(tables: dict[str, pa.Table], about: About, html: str) -> None:
    turned = {path: table.take(list(range(table.num_rows))[::-1]) for path, table in tables.items()}
    assert render(turned, about).html == html


def test_a_release_without_traffic_this_week_shows_its_last_scorecard(tables: dict[str, pa.Table], about: About) -> None:
    scores = tables["scorecards/scores"]
    old = pa.compute.and_(pa.compute.equal(scores["release_id"], "r1"), pa.compute.equal(scores["week"], pa.scalar(SECOND)))
    page = render({**tables, "scorecards/scores": scores.filter(pa.compute.invert(old))}, about).html
    assert "as of 2026-06-01" in page


def test_interval_helper_is_symmetric() -> None:
    assert interval(0.5, 0.1) == {"estimate": 0.5, "se": 0.1, "lo": pytest.approx(0.304), "hi": pytest.approx(0.696)}
