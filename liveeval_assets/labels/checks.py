"""Checks of the stage `labels`."""

from __future__ import annotations

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

RATINGS = TABLES["labels/ratings"]
CONSENSUS = TABLES["labels/consensus"]
MIN_RATED = 0.8


def _tasks_are_rated(tables: Tables) -> CheckResult:
    wanted = tables["labels/tasks"].num_rows
    rated = len(set(tables["labels/ratings"]["task_id"].to_pylist()))
    passed = rated >= MIN_RATED * wanted
    return CheckResult(
        passed,
        {"tasks": wanted, "rated": rated},
        "" if passed else "put ratings of the open tasks into the inbox; unrated tasks make the label probability wrong",
    )


def _errors_are_known(tables: Tables) -> CheckResult:
    rows = tables["labels/consensus"]
    unknown = rows["sensitivity_se"].null_count
    return CheckResult(
        not unknown,
        {"labels": rows.num_rows, "unknown_error": unknown},
        "" if not unknown else "have three people rate a fifth of the tasks: rater error is unknown",
    )


RATINGS_CHECKS = (Check("tasks_are_rated", RATINGS, _tasks_are_rated, "At least 80 % of the week's tasks have a rating.", is_blocking=False),)
CONSENSUS_CHECKS = (Check("errors_are_known", CONSENSUS, _errors_are_known, "The raters' error rates are estimated, not assumed.", is_blocking=False),)
