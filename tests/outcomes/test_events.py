"""Outcome events: the right unit and sign, known only when they were known, repeated without harm."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.outcomes import checks
from liveeval_assets.outcomes.assets import _scale
from liveeval_assets.outcomes.events import UNREADABLE, Events, build_events, by_conversation
from liveeval_assets.settings import Outcome
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Entry, Spot
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.outcomes.build import DAY, HOUR, KEY, NOW, SCALES, START, WEEK, entry, pseudonym


def _build(*entries: Entry, names: Sequence[str] = ("c1",), now: datetime = NOW) -> Events:
    found = build_events([pseudonym(n) for n in names], by_conversation(entries, KEY), SCALES, week=WEEK, now=now)
    assert not violations(TABLES["outcomes/events"], found.table)
    return found


def _values(found: Events) -> list[float]:
    values: list[float] = found.table["value"].to_pylist()
    return values


@pytest.mark.parametrize(
    ("low", "high", "direction", "value", "wanted"),
    [(0, 1, "up", 1, 1.0), (1, 5, "up", 2, 0.25), (1, 5, "down", 2, 0.75), (0, 100, "up", "87", 0.87), (-1, 1, "up", 0, 0.5), (0, 1, "up", True, 1.0)],
)
def test_a_value_is_scaled_so_that_one_is_good(low: float, high: float, direction: Any, value: Any, wanted: float) -> None:
    scale = _scale(Outcome(name="o", low=low, high=high, direction=direction), "north_star")
    assert scale.apply(value, "o", entry()) == pytest.approx(wanted)


@pytest.mark.parametrize("value", [87, -0.01, 1.01, "often", "nan", float("inf"), 10**400, [1], {"v": 1}])
def test_a_value_outside_its_range_stops_the_run_and_names_the_place_not_the_value(value: Any) -> None:
    with pytest.raises(SourceError, match=r"o\.jsonl line 7: a value of 'resolution' (lies outside 0\.\.1|is no number); mend") as failure:
        _build(entry(value=value, line=7))
    assert "often" not in str(failure.value)


def test_a_range_without_width_is_refused() -> None:
    for low, high in ((1.0, 1.0), (2.0, 1.0)):
        with pytest.raises(ValueError, match="low"):
            Outcome(name="o", low=low, high=high)


def test_outcomes_join_under_the_pseudonym_of_the_traces() -> None:
    found = _build(entry("c1"), entry("c2", value=0), entry("stranger"), names=("c1", "c2", "c3"))
    assert {r["conversation_id"]: r["value"] for r in found.table.to_pylist()} == {pseudonym("c1"): 1.0, pseudonym("c2"): 0.0}


def test_a_record_without_a_value_is_no_event() -> None:
    assert _values(_build(entry(value=None))) == []


def test_other_names_are_counted_and_guardrails_keep_their_role() -> None:
    found = _build(entry(outcome="colour"), entry(outcome="minutes", value=15))
    assert found.n_other_names == 1
    assert [(r["role"], r["value"]) for r in found.table.to_pylist()] == [("guardrail", 0.75)]


def test_what_is_received_after_the_clock_is_not_known_yet() -> None:
    late = entry(received=START + 20 * DAY)
    assert _values(_build(late, now=START + 19 * DAY)) == []
    assert _build(late, now=START + 19 * DAY).n_not_yet == 1
    assert _values(_build(late, now=START + 20 * DAY)) == [1.0]


def test_an_outcome_is_not_known_before_it_happens() -> None:
    foretold = entry(at=START + 5 * DAY, received=START)
    assert _values(_build(foretold, now=START + 4 * DAY)) == []
    assert _values(_build(foretold, now=START + 6 * DAY)) == [1.0]


def test_an_outcome_without_a_moment_is_counted_and_never_used() -> None:
    found = _build(entry(at=None))
    assert (_values(found), found.n_not_yet) == ([], 1)


def test_future_outcomes_do_not_change_a_closed_view() -> None:
    known = [entry("c1"), entry("c2", value=0)]
    future = [entry("c1", value=0, at=START + 3 * DAY), entry("c2", at=START + HOUR, received=START + 30 * DAY), entry("c2", value=0.3, at=START + 9 * DAY)]
    view = START + 2 * DAY
    assert _build(*known, *future, names=("c1", "c2"), now=view).table.equals(_build(*known, names=("c1", "c2"), now=view).table)
    assert not _build(*known, *future, names=("c1", "c2")).table.equals(_build(*known, names=("c1", "c2")).table)


def test_the_same_event_told_twice_is_one() -> None:
    found = _build(entry(received=START + 2 * HOUR), entry(received=START + 3 * DAY), entry(received=START + 2 * HOUR, line=9))
    assert (_values(found), found.n_repeated, found.n_contradicted) == ([1.0], 2, 0)
    assert found.table["received_at"].to_pylist() == [START + 2 * HOUR]


def test_of_contradictory_records_of_one_moment_the_one_received_last_counts_in_any_order() -> None:
    told = [entry(value=v, received=START + d * DAY, line=d) for d, v in ((1, 1), (3, 0.25), (2, 0))]
    for order in itertools.permutations(told):
        found = _build(*order)
        assert (_values(found), found.n_contradicted) == ([0.25], 2)


def test_a_tie_between_contradictory_records_does_not_depend_on_the_order_of_files() -> None:
    told = [entry(value=v) for v in (0, 0.5, 1)]
    assert len({_values(_build(*order))[0] for order in itertools.permutations(told)}) == 1


def test_unreadable_records_are_counted_and_block_beyond_one_in_twenty() -> None:
    lost = [Entry(Spot("support", "o.jsonl", n, 9, f"x{n}", reason="not_json"), None) for n in range(3)]
    nameless = Entry(Spot("support", "o.jsonl", 9, 9, "y"), {"id": None})
    found = by_conversation([entry(), *lost, nameless], KEY)
    assert len(found[UNREADABLE]) == 4
    few = {c.name: c for c in checks.EVENTS_CHECKS}["few_are_unreadable"]
    for n_bad, passes in ((0, True), (1, True), (2, False)):
        assert few.run({checks.READ: pa.table({"is_readable": [False] * n_bad + [True] * 20})}).passed == passes
    assert few.run({checks.READ: pa.table({"is_readable": pa.array([], pa.bool_())})}).passed
    whole = {c.name: c for c in checks.EVENTS_CHECKS}["archives_are_whole"]
    assert whole.run({checks.BROKEN: pa.table({"file": pa.array([], pa.string())})}).passed
    broken = whole.run({checks.BROKEN: pa.table({"file": ["source/o.jsonl.gz"]})})
    assert not broken.passed
    assert "source/o.jsonl.gz ends too early" in broken.mend


def test_records_without_the_north_star_are_told() -> None:
    (check,) = (c for c in checks.EVENTS_CHECKS if c.name == "some_are_north_star")
    for column, passes in (([False] * 3, False), ([False, True], True), ([], True)):
        result = check.run({checks.READ: pa.table({"is_north_star": pa.array(column, pa.bool_())})})
        assert (check.is_blocking, result.passed) == (False, passes)
