"""Checks of the stage `outcomes`."""

from __future__ import annotations

import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

MATURED = TABLES["outcomes/matured"]
MIN_JOIN_RATE = 0.05


def _join_rate(tables: Tables) -> CheckResult:
    rows = tables["outcomes/matured"]
    rate = (pc.sum(pc.equal(rows["status"], "observed")).as_py() or 0) / max(rows.num_rows, 1)
    is_mature = bool(pc.all(rows["is_mature"]).as_py())
    passed = rate >= MIN_JOIN_RATE or not is_mature
    return CheckResult(passed, {"join_rate": rate}, "" if passed else "almost no conversation has an outcome; is `id` of the outcome source the conversation's id?")


MATURED_CHECKS = (Check("join_rate", MATURED, _join_rate, "At least 5 % of a mature week's conversations have an outcome.", is_blocking=False),)
