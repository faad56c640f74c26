"""Checks of the stage `outcomes`."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

EVENTS = TABLES["outcomes/events"]
MATURED = TABLES["outcomes/matured"]
_SHOWN = 3
_NAME = re.compile(r"[\w.:/@+-]{1,40}")
MIN_JOIN_RATE = 0.05
MAX_UNREADABLE = 0.05
READ = "outcomes/read"
"""What the asset hands to the checks beside its table: one row (is_readable, is_north_star) for each outcome record."""
BROKEN = "outcomes/broken"
"""And one row (file) for each archive that ends too early."""


def _few_are_unreadable(tables: Tables) -> CheckResult:
    n_read = tables[READ].num_rows
    n = n_read - (pc.sum(tables[READ]["is_readable"]).as_py() or 0)
    passed = n <= MAX_UNREADABLE * n_read
    mend = "" if passed else "outcome records are no JSON or name no conversation; mend the export, or `id` in the outcome source's field map"
    return CheckResult(passed, {"records": n_read, "unreadable": n}, mend)


def _some_are_north_star(tables: Tables) -> CheckResult:
    n_read, n = tables[READ].num_rows, pc.sum(tables[READ]["is_north_star"]).as_py() or 0
    passed = bool(n) or not n_read
    mend = "" if passed else "no outcome record has the north star's name and a value; mend `name` and `value` in the outcome source's field map"
    return CheckResult(passed, {"records": n_read, "north_star": n}, mend)


def _archives_are_whole(tables: Tables) -> CheckResult:
    files = sorted(set(tables[BROKEN]["file"].to_pylist()))
    return CheckResult(
        not files,
        {"archives": len(files)},
        f"{', '.join(files)} ends too early or unfolds without end: copy it again, or raise traces.max_unpacked_bytes" if files else "",
    )


def _join_rate(tables: Tables) -> CheckResult:
    rows = tables["outcomes/matured"]
    rate = (pc.sum(pc.equal(rows["status"], "observed")).as_py() or 0) / max(rows.num_rows, 1)
    passed = rate >= MIN_JOIN_RATE or not pc.all(rows["is_mature"]).as_py()
    mend = "" if passed else "almost no conversation has an outcome; is `id` of the outcome source the conversation's id, under the trace source's name?"
    return CheckResult(passed, {"join_rate": rate}, mend)


def _one_row_per_conversation(tables: Tables) -> CheckResult:
    conversations, matured = tables["traces/conversations"]["conversation_id"], tables["outcomes/matured"]["conversation_id"]
    same = sorted(conversations.to_pylist()) == sorted(matured.to_pylist())
    return CheckResult(same, {"conversations": len(conversations), "matured": len(matured)}, "" if same else "the join of outcomes fanned out; report it")


def _releases_are_known(tables: Tables) -> CheckResult:
    served = tables["outcomes/matured"]["release_id"]
    known = pc.unique(tables["releases/registry"]["release_id"])
    strange = served.filter(pc.invert(pc.is_in(served, value_set=known.cast(pa.string()))))
    counts = {"conversations": len(strange), "releases": len(pc.unique(strange))}
    # a wrong field map may put anything there: only what looks like a name is repeated
    named = sorted(name for name in pc.unique(strange).to_pylist() if _NAME.fullmatch(name))[:_SHOWN]
    told = f" ({', '.join(named)})" if named else ""
    mend = f"{len(strange)} conversation(s) of releases that the releases file does not list{told} get no score; list them, and the next week scores them"
    return CheckResult(not len(strange), counts, mend if len(strange) else "")


EVENTS_CHECKS = (
    Check("few_are_unreadable", EVENTS, _few_are_unreadable, "At most 5 % of the outcome records cannot be read."),
    Check("some_are_north_star", EVENTS, _some_are_north_star, "Some outcome record has the north star's name and a value.", is_blocking=False),
    Check("archives_are_whole", EVENTS, _archives_are_whole, "No outcome archive ends too early: what is cut off would count as missing."),
)
MATURED_CHECKS = (
    Check("one_row_per_conversation", MATURED, _one_row_per_conversation, "The outcome join neither loses nor repeats a conversation."),
    Check("join_rate", MATURED, _join_rate, "At least 5 % of a mature week's conversations have an outcome.", is_blocking=False),
    Check("releases_are_known", MATURED, _releases_are_known, "Every release that served a conversation is in the registry.", is_blocking=False),
)
