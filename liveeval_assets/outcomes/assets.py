"""Assets of the stage `outcomes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import pyarrow as pa

from liveeval_assets.outcomes import checks
from liveeval_assets.outcomes.events import Scale, build_events, by_conversation
from liveeval_assets.outcomes.matured import mature
from liveeval_assets.runtime.factory import Run, lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import outcome_records
from liveeval_assets.settings import Outcome
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.records import Dated
from liveeval_assets.shared.weeks import end_of
from liveeval_assets.tables import TABLES


def _scales(home: Home) -> dict[str, Scale]:
    outcomes = home.settings.outcomes
    return {outcomes.north_star.name: _scale(outcomes.north_star, "north_star")} | {g.name: _scale(g, "guardrail") for g in outcomes.guardrails}


def _scale(outcome: Outcome, role: str) -> Scale:
    worst, best = (outcome.low, outcome.high) if outcome.direction == "up" else (outcome.high, outcome.low)
    return Scale(role, worst, best)


def _clock(home: Home, week: date) -> datetime:
    """The clock as far as this week can feel it: it stands still once the last window of the week has passed."""
    outcomes = home.settings.outcomes
    longest = max(o.window_days for o in (outcomes.north_star, *outcomes.guardrails))
    # a day of grace for conversations that run into the next week
    return min(home.settings.clock.now, end_of(week) + timedelta(days=longest + 1))


def _records(home: Home) -> Mapping[str, Sequence[Dated]]:
    return outcome_records(home, by_conversation)


def _events_fingerprint(home: Home, week: date) -> str:
    records = _records(home)
    table = TABLES["traces/conversations"]
    conversations = home.lake.read(table, [week])["conversation_id"].to_pylist()
    return digest(_clock(home, week), *sorted(r.record.digest for c in conversations for r in records.get(c, ())))


def _matured_fingerprint(home: Home, week: date) -> str:
    return _clock(home, week).isoformat()


@lake_asset(writes="outcomes/events", reads=("traces/conversations",), source=_events_fingerprint, kinds=("file",))
def events(run: Run) -> pa.Table:
    """Outcome events of the week's conversations, as far as they are known by now."""
    conversations = run.read("traces/conversations")["conversation_id"].to_pylist()
    found = build_events(conversations, _records(run.home), _scales(run.home), week=run.week, received_by=_clock(run.home, run.week))
    run.note(repeated=found.n_repeated, other_names=found.n_other_names)
    return found.table


@lake_asset(writes="outcomes/matured", reads=("traces/conversations", "outcomes/events"), checks=checks.MATURED_CHECKS, source=_matured_fingerprint)
def matured(run: Run) -> pa.Table:
    """The north-star outcome of each conversation."""
    window = timedelta(days=run.settings.outcomes.north_star.window_days)
    return mature(run.read("traces/conversations"), run.read("outcomes/events"), week=run.week, now=_clock(run.home, run.week), window=window)
