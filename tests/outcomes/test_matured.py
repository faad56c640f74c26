"""Maturity: observed, missing and unmatured are three things; nothing outside the window counts."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.outcomes.checks import MATURED_CHECKS
from liveeval_assets.outcomes.matured import mature
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.outcomes.build import DAY, HOUR, NOW, START, WEEK, conversations, event, events, pseudonym

WINDOW = 7 * DAY
END = START + HOUR
TICK = timedelta(microseconds=1)


def _one(*rows: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    found = mature(conversations("c1"), events(rows), week=WEEK, now=now, window=WINDOW).table
    assert not violations(TABLES["outcomes/matured"], found)
    (row,) = found.to_pylist()
    return dict(row)


def test_nothing_heard_is_missing_only_when_the_window_is_over() -> None:
    assert (_one(now=END + WINDOW)["status"], _one(now=END + WINDOW - TICK)["status"]) == ("missing", "unmatured")
    assert (_one(now=END + WINDOW)["is_mature"], _one(now=END + WINDOW - TICK)["is_mature"]) == (True, False)


def test_an_early_outcome_is_observed_but_not_yet_mature() -> None:
    row = _one(event(at=END + DAY), now=END + 2 * DAY)
    assert (row["status"], row["is_mature"], row["y"], row["lag_days"]) == ("observed", False, 1.0, 1.0)


@pytest.mark.parametrize(("at", "counts"), [(START, True), (START - TICK, False), (END + WINDOW, True), (END + WINDOW + TICK, False)])
def test_the_window_runs_from_the_first_message_to_days_after_the_last(at: datetime, counts: bool) -> None:
    assert _one(event(at=at))["status"] == ("observed" if counts else "missing")


def test_the_outcome_received_last_is_the_one_that_counts_in_any_order() -> None:
    rows = [event(value=0.0, at=END + DAY), event(value=1.0, at=END + 3 * DAY), event(value=0.5, at=END + 2 * DAY)]
    for order in itertools.permutations(rows):
        assert _one(*order)["y"] == 1.0
    late = event(value=0.25, at=END + HOUR, received=END + 20 * DAY)
    assert _one(*rows, late)["y"] == 0.25


def test_a_later_word_after_the_window_corrects_nothing() -> None:
    assert _one(event(value=1.0, at=END + DAY), event(value=0.0, at=END + 8 * DAY))["y"] == 1.0


def test_guardrails_are_never_the_outcome() -> None:
    assert _one(event(role="guardrail"))["status"] == "missing"


def test_two_outcomes_of_one_conversation_are_one_row() -> None:
    rows = events([event("c1"), event("c1", 0.0, START + 2 * HOUR), event("c2")])
    found = mature(conversations("c1", "c2", "c3"), rows, week=WEEK, now=NOW, window=WINDOW)
    assert sorted(found.table["conversation_id"].to_pylist()) == sorted(map(pseudonym, ("c1", "c2", "c3")))
    assert found.n_contradicted == 1
    assert found.table["lag_days"].null_count == 1


def _tables(names: tuple[str, ...], rows: list[dict[str, Any]], now: datetime = NOW) -> dict[str, pa.Table]:
    registry = TABLES["releases/registry"]
    release = {"week": WEEK, "release_id": "r1", "family": "f", "model": "m", "prompt_hash": "h", "deployed_at": START, "traffic": "unknown"}
    return {
        "traces/conversations": conversations(*names),
        "outcomes/matured": mature(conversations(*names), events(rows), week=WEEK, now=now, window=WINDOW).table,
        "releases/registry": registry.rows([{**release, "answers_by": "logged", "is_reference": True}]),
    }


def test_the_checks_see_a_broken_join_a_fan_out_and_a_stranger() -> None:
    one_row, join_rate, known = MATURED_CHECKS
    good = _tables(("c1", "c2"), [event("c1")])
    assert all(check.run(good).passed for check in MATURED_CHECKS)
    silent = _tables(("c1", "c2"), [])
    assert not join_rate.run(silent).passed
    assert join_rate.run(_tables(("c1", "c2"), [], now=END)).passed  # nothing can have come yet
    doubled = {**good, "outcomes/matured": pa.concat_tables([good["outcomes/matured"]] * 2)}
    assert one_row.is_blocking
    assert not one_row.run(doubled).passed
    assert not known.run({**good, "releases/registry": good["releases/registry"].slice(0, 0)}).passed
