"""The waterfall leads from nothing to the gap, and a bar claims no more than its interval."""

import re
from itertools import pairwise
from typing import Any

import pytest

from liveeval_assets.report.bars import bars, components
from liveeval_assets.report.words import ASSUMPTIONS, BARS, COMPONENTS
from liveeval_assets.runtime.dbt import PROJECT
from liveeval_assets.runtime.home import REPOSITORY
from liveeval_assets.tables import TABLES


def _line(component: str, bar: str, estimate: float | None, half: float = 0.01, reason: str | None = None) -> dict[str, Any]:
    ends = {"lo": None, "hi": None} if estimate is None else {"lo": estimate - half, "hi": estimate + half}
    return {"component": component, "bar": bar, "estimate": estimate, **ends, "reason": reason}


LADDER = [
    _line("position", "judge", 0.01),
    _line("verbosity", "judge", 0.04),
    _line("self_pref", "judge", None, reason="one family only"),
    _line("bar_judge", "judge", 0.05, 0.02),
    _line("bar_test_set", "test_set", 0.03, 0.04),
    _line("construct", "construct", None, reason="no labels"),
    _line("selection", "selection", -0.02),
    _line("not_identified", "not_identified", 0.01, 0.005),
    _line("gap", "gap", 0.07),
]


def test_each_bar_starts_where_the_one_before_it_ended_and_all_end_at_the_gap() -> None:
    *parts, total = bars(LADDER)
    assert [b.name for b in parts] == list(BARS)
    assert parts[0].start == 0.0
    for before, after in pairwise(parts):
        assert after.start == pytest.approx(before.end)
    assert parts[-1].end == pytest.approx(total.end) == pytest.approx(0.07)


def test_kinds() -> None:
    kinds = {b.name: b.kind for b in bars(LADDER)}
    assert kinds == {
        "judge": "clear",
        "test_set": "unclear",
        "construct": "unidentified",
        "selection": "clear",
        "not_identified": "unidentified",
        "gap": "total",
    }


def test_a_bar_of_several_components_has_its_own_interval() -> None:
    judge = bars(LADDER)[0]
    assert (judge.number.lo, judge.number.hi) == (pytest.approx(0.03), pytest.approx(0.07))


def test_no_fifth_bar_when_all_is_identified() -> None:
    rows = [r for r in LADDER if r["component"] != "not_identified"]
    assert "not_identified" not in {b.name for b in bars([*rows, _line("not_identified", "not_identified", 0.0, 0.0)])}


def test_nothing_to_explain_without_a_gap() -> None:
    assert bars([]) == []


def test_components_say_why_they_are_missing_or_unclear() -> None:
    found = {words.title: note for words, _, note in components(LADDER)}
    assert found["Self-preference"] == "not identified; one family only"
    assert found["Position"] == "not distinguishable from zero"
    assert found["Verbosity"] == ""


def test_words_marts_and_declarations_name_the_same_lines() -> None:
    lines = {c.name: set(c.values) for c in TABLES["scorecards/gap"].columns}
    assert set(COMPONENTS) | {"gap", "bar_judge", "bar_test_set"} == lines["component"]
    assert set(BARS) | {"gap"} == lines["bar"]
    mart = (PROJECT / "models/marts/dim_component.sql").read_text("utf-8")
    for name in lines["component"]:
        assert f"('{name}', " in mart
    for name, words in COMPONENTS.items():
        quoted = words.plain.replace("'", "''")
        assert f"'{words.title}', '{quoted}')" in mart, name


def test_page_and_glossary_explain_the_same_assumptions() -> None:
    glossary = (REPOSITORY / "docs/glossary.md").read_text("utf-8")
    section = glossary.partition("## Assumptions that do not hold")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| (\w+_\w+) \|", section, re.MULTILINE)) == set(ASSUMPTIONS)
    code = "".join(file.read_text("utf-8") for file in (REPOSITORY / "liveeval_assets/scorecards").glob("*.py"))
    assert all(f'"{name}"' in code for name in ASSUMPTIONS)
