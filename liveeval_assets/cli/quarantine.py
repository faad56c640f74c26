"""`liveeval doctor quarantine`: what was refused and why, and what of it could be read now."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.inputs import trace_entries, trace_index
from liveeval_assets.tables import TABLES
from liveeval_assets.traces.ingest import Limits, ingest, repeats

QUARANTINE = TABLES["traces/quarantine"]
MENDS = {
    "duplicate": "nothing: the same record once more; the first one is kept",
    "conflicting_id": "one id with two contents: give each conversation an id of its own",
    "not_json": "no JSON object, or an archive that ends too early: export it again",
    "not_utf8": "export it as UTF-8, without halves of surrogate pairs",
    "too_long": "longer than traces.max_bytes: raise it, or split the record",
    "too_deep": "nested deeper than traces.max_depth: raise it, or flatten the record",
    "too_many_turns": "more messages than traces.max_turns: raise it, or split the conversation",
    "missing_field": "give the field in the export, its path in the field map, or a default",
    "bad_value": "the field has another type than it should: mend the export or its path in the field map",
    "bad_time": "no time, or one without a zone: mend the export, or set time_format and timezone in the field map",
    "future_time": "after the clock: mend the sender's clock, or wait",
    "no_user_turn": "no message of a user: mend the roles in the field map, or leave such records out of the export",
}
Refused = Counter[tuple[str, str, str]]


def print_quarantine() -> None:
    """Refused records by file, reason and field, over all weeks, with the mend; then how many a refresh would read now."""
    home = open_home()
    weeks = [w for w in home.catalogue.weeks(QUARANTINE.path) if (e := home.catalogue.get(QUARANTINE.path, w)) and e.n_rows]
    console = Console(highlight=False, width=140)
    before = _counts(home.lake.read(QUARANTINE, weeks))
    if not before:
        console.print("quarantine is empty: every record that was read is a conversation, or a part of one")
        return
    now = _counts(pa.concat_tables([_again(home, week) for week in weeks]))
    table = Table(title="Refused records", title_justify="left")
    for heading in ("file", "reason", "field", "records", "now", "mend"):
        table.add_column(heading, justify="right" if heading in ("records", "now") else "left", overflow="fold")
    for (file, reason, field), n in sorted(before.items()):
        table.add_row(file, reason, field, str(n), str(now[file, reason, field]), MENDS[reason])
    console.print(table)
    if now == before:
        console.print("after a mend of export or settings this page counts again, and a refresh reads the records")
    else:
        console.print(f"{before.total()} record(s) were refused, {now.total()} would be now; run `{home.command('refresh')}` to read them again")


def _counts(rows: pa.Table) -> Refused:
    found: Refused = Counter()
    for row in rows.select(["file", "reason", "field", "n_records"]).to_pylist():
        found[row["file"], row["reason"], row["field"] or ""] += row["n_records"]
    return found


def _again(home: Home, week: date) -> pa.Table:
    """What a refresh would refuse of the week today."""
    traces, index = home.settings.traces, trace_index(home, repeats)
    limits = Limits(home.settings.clock.now, timedelta(minutes=traces.max_future_minutes), traces.max_turns)
    entries = trace_entries(home, index.weeks.get(week, ()))
    return ingest(entries, index.marks, week=week, key=home.hmac_key, limits=limits, read_probability=traces.read_probability).quarantine
