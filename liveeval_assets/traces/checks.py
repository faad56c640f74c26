"""Checks of the stage `traces`."""

from __future__ import annotations

import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

CONVERSATIONS = TABLES["traces/conversations"]
MAX_REFUSED = 0.05


def _few_are_refused(tables: Tables) -> CheckResult:
    refused = tables["traces/quarantine"].filter(pc.not_equal(tables["traces/quarantine"]["reason"], "duplicate")).num_rows
    kept = pc.sum(tables["traces/conversations"]["n_records"]).as_py() or 0
    share = refused / max(refused + kept, 1)
    return CheckResult(share <= MAX_REFUSED, {"refused": refused, "share": share}, "" if share <= MAX_REFUSED else "look at traces/quarantine by reason; mend the export or the field map")


TRACES = (Check("few_are_refused", CONVERSATIONS, _few_are_refused, "At most 5 % of the week's records were refused.", is_blocking=False),)
