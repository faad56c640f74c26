"""Assets of the stage `outcomes`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.outcomes import checks
from liveeval_assets.outcomes.events import UNREADABLE, Scale, build_events, by_conversation, received_at, retained
from liveeval_assets.outcomes.matured import mature
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import outcome_entries, trace_ids
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.settings import Outcome
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.weeks import week_of
from liveeval_assets.tables import TABLES

CONVERSATIONS = TABLES["traces/conversations"]


def _scales(home: Home) -> dict[str, Scale]:
    outcomes = home.settings.outcomes
    return {outcomes.north_star.name: _scale(outcomes.north_star, "north_star")} | {g.name: _scale(g, "guardrail") for g in outcomes.guardrails}


def _scale(outcome: Outcome, role: str) -> Scale:
    worst, best = (outcome.low, outcome.high) if outcome.direction == "up" else (outcome.high, outcome.low)
    return Scale(role, worst, best)


def _today(home: Home) -> datetime:
    """Midnight before the clock: an open window is looked at once a day, not at every tick of a sensor."""
    return home.settings.clock.now.replace(hour=0, minute=0, second=0, microsecond=0)


def _window(home: Home) -> timedelta:
    return timedelta(days=home.settings.outcomes.north_star.window_days)


def _events_fingerprint(home: Home, week: date) -> str:
    """The records of the week's conversations that are known by now."""
    entries, now = outcome_entries(home, by_conversation), home.settings.clock.now
    conversations = home.lake.read(CONVERSATIONS, [week], columns=["conversation_id"])["conversation_id"].to_pylist()
    return digest(*sorted(e.spot.digest for c in conversations for e in entries.get(c, ()) if received_at(e) <= now))


def _matured_fingerprint(home: Home, week: date) -> str:
    """How many windows have passed: a mature week stands still."""
    ends = home.lake.read(CONVERSATIONS, [week], columns=["ended_at"])["ended_at"]
    return str(pc.sum(pc.less_equal(ends, pa.scalar(_today(home) - _window(home), ends.type))).as_py() or 0)


@lake_asset(writes="outcomes/events", reads=("traces/conversations",), checks=checks.EVENTS_CHECKS, source=_events_fingerprint, kinds=("file",))
def events(run: Run) -> dict[str, pa.Table]:
    """Outcome events of the week's conversations, as far as they are known by now. A published week only gains."""
    entries, known = outcome_entries(run.home, by_conversation), trace_ids(run.home)
    conversations = run.read("traces/conversations")["conversation_id"].to_pylist()
    found = build_events(conversations, entries, _scales(run.home), week=run.week, now=run.settings.clock.now)
    unreadable = entries.get(UNREADABLE, ())
    kept = retained(run.stored("outcomes/events"), entries)
    known |= set(conversations)
    unmatched = sum(e.spot.at is not None and week_of(e.spot.at) == run.week for c, rows in entries.items() if c not in known and c != UNREADABLE for e in rows)
    run.note(repeated=found.n_repeated, contradicted=found.n_contradicted, other_names=found.n_other_names, not_yet_known=found.n_not_yet)
    run.note(unmatched=unmatched, unreadable=len(unreadable), retained=kept.num_rows)
    every = [(c, e.fields or {}) for c, rows in entries.items() for e in rows]
    north_star = run.settings.outcomes.north_star.name
    read = {
        "is_readable": pa.array([c != UNREADABLE for c, _ in every], pa.bool_()),
        "is_north_star": pa.array([str(f.get("name")) == north_star and f.get("value") is not None for _, f in every], pa.bool_()),
    }
    broken = pa.table({"file": [e.spot.file for e in unreadable if e.spot.field == "archive"]}, pa.schema([("file", pa.string())]))
    return {"outcomes/events": pa.concat_tables([found.table, kept]), checks.READ: pa.table(read), checks.BROKEN: broken}


@lake_asset(
    writes="outcomes/matured",
    reads=("traces/conversations", "outcomes/events", Read("releases/registry", Weeks.UPTO)),
    checks=checks.MATURED_CHECKS,
    source=_matured_fingerprint,
)
def matured(run: Run) -> pa.Table:
    """The north-star outcome of each conversation."""
    found = mature(run.read("traces/conversations"), run.read("outcomes/events"), week=run.week, now=_today(run.home), window=_window(run.home))
    run.note(contradicted=found.n_contradicted)
    return found.table
