"""Assets of the stage `traces`."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import trace_entries, trace_ids, trace_index
from liveeval_assets.runtime.reads import Run
from liveeval_assets.traces import checks
from liveeval_assets.traces.ingest import Limits, ingest, never_found, repeats, retained


def _fingerprint(home: Home, week: date) -> str:
    return trace_index(home, repeats).fingerprint(week)


@lake_asset(writes=("traces/conversations", "traces/quarantine"), checks=checks.TRACES, source=_fingerprint, kinds=("file",))
def conversations(run: Run) -> dict[str, pa.Table]:
    """Read, validate, de-duplicate; what is refused goes to quarantine with its reason. A published week only gains."""
    traces, clock = run.settings.traces, run.settings.clock
    index = trace_index(run.home, repeats)
    spots = index.weeks.get(run.week, ())
    limits = Limits(clock.now, timedelta(minutes=traces.max_future_minutes), traces.max_turns)
    entries = trace_entries(run.home, spots)
    found = ingest(entries, index.marks, week=run.week, key=run.home.hmac_key, limits=limits, read_probability=traces.read_probability)
    before = run.stored("traces/conversations")
    kept = retained(before, found.conversations, trace_ids(run.home)) if before.num_rows else before
    run.note(quarantined=found.quarantine.num_rows, reasons=found.reasons, records_of_other_times=index.n_outside(clock.weeks), retained=kept.num_rows)
    read = pa.table({"n_records": pa.array([s.n_records for s in spots], pa.int64())})
    never = pa.table({"field": pa.array(never_found(entries, {s.name: s.map.fields for s in traces.sources}), pa.string())})
    broken = pa.table({"file": pa.array(index.broken_archives, pa.string())})
    return {
        "traces/conversations": pa.concat_tables([found.conversations, kept]),
        "traces/quarantine": found.quarantine,
        checks.READ: read,
        checks.RETAINED: kept.select(["n_records"]),
        checks.NEVER_FOUND: never,
        checks.BROKEN: broken,
    }
