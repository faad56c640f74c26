"""Assets of the stage `traces`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa

from liveeval_assets.runtime.factory import Run, lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import dated_records, fingerprint_of
from liveeval_assets.shared.errors import CheckFailed
from liveeval_assets.shared.records import Dated
from liveeval_assets.traces import checks
from liveeval_assets.traces.ingest import ingest, repeats


def _records(home: Home, week: date) -> tuple[Sequence[Dated], Mapping[tuple[str, int], str]]:
    weeks, marks = dated_records(home, repeats)
    return weeks.get(week, ()), marks


def _fingerprint(home: Home, week: date) -> str:
    rows, marks = _records(home, week)
    return fingerprint_of(rows, marks)


@lake_asset(writes=("traces/conversations", "traces/quarantine"), checks=checks.TRACES, source=_fingerprint, kinds=("file",))
def conversations(run: Run) -> dict[str, pa.Table]:
    """Read, validate, de-duplicate; what is refused goes to quarantine with its reason."""
    rows, repeated = _records(run.home, run.week)
    traces = run.settings.traces
    found = ingest(
        rows,
        repeated,
        week=run.week,
        key=run.home.hmac_key,
        now=run.settings.clock.now,
        max_turns=traces.max_turns,
        skew=timedelta(minutes=traces.max_future_minutes),
        read_probability=traces.read_probability,
    )
    if found.conversations.num_rows + found.quarantine.num_rows != found.n_read:
        raise CheckFailed(f"traces/conversations week {run.week}: {found.n_read} records read, but kept and quarantined do not add up to it; nothing was written")
    run.note(records_read=found.n_read, quarantined=found.quarantine.num_rows, reasons=found.reasons)
    return {"traces/conversations": found.conversations, "traces/quarantine": found.quarantine}
