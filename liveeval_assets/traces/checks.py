"""Checks of the stage `traces`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

CONVERSATIONS = TABLES["traces/conversations"]
MAX_REFUSED = 0.05
READ = "traces/read"
"""What the asset hands to the checks beside its tables: one row (n_records) for each conversation or refused document that was read."""
RETAINED = "traces/retained"
"""Then one row (n_records) for each conversation that a published week holds and the sources have forgotten."""
NEVER_FOUND = "traces/never_found"
"""One row (field) for each optional field that the settings map and no record of the week has."""
BROKEN = "traces/broken"
"""And one row (file) for each archive, of any week, that ends too early."""


def _conservation(tables: Tables) -> CheckResult:
    read = _records(tables[READ])
    kept = _records(tables["traces/conversations"]) - _records(tables[RETAINED])
    refused = _records(tables["traces/quarantine"])
    counts = {"records_read": read, "kept": kept, "quarantined": refused}
    return CheckResult(read == kept + refused, counts, "" if read == kept + refused else "records got lost or counted twice on the way in; report it")


def _records(rows: pa.Table) -> int:
    return int(pc.sum(rows["n_records"]).as_py() or 0)


def _few_are_refused(tables: Tables) -> CheckResult:
    refused = _records(tables["traces/quarantine"].filter(pc.not_equal(tables["traces/quarantine"]["reason"], "duplicate")))
    kept = _records(tables["traces/conversations"])
    share = refused / max(refused + kept, 1)
    mend = "" if share <= MAX_REFUSED else "look at traces/quarantine by reason; mend the export or the field map"
    return CheckResult(share <= MAX_REFUSED, {"refused": refused, "share": share}, mend)


def _archives_are_whole(tables: Tables) -> CheckResult:
    files = tables[BROKEN]["file"].to_pylist()
    return CheckResult(
        not files,
        {"archives": len(files)},
        f"{', '.join(files)} ends too early or unfolds without end: copy it again, or raise traces.max_unpacked_bytes" if files else "",
    )


def _maps_find_something(tables: Tables) -> CheckResult:
    never = tables[NEVER_FOUND]["field"].to_pylist()
    return CheckResult(
        not never, {"fields": len(never)}, f"no record of the week has {'; '.join(never)}: mend the path in the field map, or leave it out" if never else ""
    )


def _some_are_readable(tables: Tables) -> CheckResult:
    refused = tables["traces/quarantine"]
    passed = bool(tables["traces/conversations"].num_rows) or not tables[READ].num_rows
    where = "; ".join(
        sorted(
            {
                f"{file} line {line}: {reason} {field or ''}".rstrip()
                for file, line, reason, field in zip(*(refused[n].to_pylist() for n in ("file", "line", "reason", "field")), strict=True)
            }
        )[:3]
    )
    mend = "" if passed else f"every record of the week was refused ({where}); mend the export or the field map, or take them out"
    return CheckResult(passed, {"refused": refused.num_rows}, mend)


TRACES = (
    Check("archives_are_whole", CONVERSATIONS, _archives_are_whole, "No archive ends too early: weeks would be closed without what was cut off."),
    Check("some_are_readable", CONVERSATIONS, _some_are_readable, "Some record of the week could be read."),
    Check("conservation", CONVERSATIONS, _conservation, "Records read = records folded into conversations + quarantine, beside what was retained."),
    Check("few_are_refused", CONVERSATIONS, _few_are_refused, "At most 5 % of the week's records were refused.", is_blocking=False),
    Check("maps_find_something", CONVERSATIONS, _maps_find_something, "Each optional field that is mapped is in some record of the week.", is_blocking=False),
)
