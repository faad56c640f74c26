"""What must hold of a week's answers."""

from __future__ import annotations

import pyarrow.compute as pc

from liveeval_assets.responses.tables import ANSWERS
from liveeval_assets.shared.checks import Check, CheckResult, Tables

_MAX_FAILED = 0.05


def every_living_item_has_its_logged_answer(tables: Tables) -> CheckResult:
    """Production answered every living item of the week, exactly once."""
    answers, versions = tables["responses/answers"], tables["eval_sets/versions"]
    weeks = answers["week"].unique()
    new = versions.filter(pc.and_(pc.is_in(versions["week"], weeks), pc.equal(versions["role"], "living")))
    wanted = set(new.filter(pc.equal(new["status"], "active"))["item_id"].to_pylist())
    given = answers.filter(pc.equal(answers["mode"], "logged"))["item_id"].to_pylist()
    n = len(wanted ^ set(given)) + len(given) - len(set(given))
    return CheckResult(n == 0, {"n_items": len(wanted), "n_wrong": n}, f"{n} living item(s) without one logged answer; mend samples/anonymised" if n else "")


def new_releases_answer_the_frozen_set(tables: Tables) -> CheckResult:
    """Each release that went live this week, and can answer, has a row for every frozen item."""
    answers, versions, registry = tables["responses/answers"], tables["eval_sets/versions"], tables["releases/registry"]
    frozen = versions.filter(pc.and_(pc.equal(versions["role"], "frozen"), pc.equal(versions["status"], "active")))
    wanted = set(frozen["item_id"].to_pylist())
    weeks = answers["week"].unique()
    fresh = registry.filter(pc.and_(pc.is_in(registry["week"], weeks), pc.not_equal(registry["answers_by"], "logged")))["release_id"].to_pylist()
    again = answers.filter(pc.not_equal(answers["mode"], "logged"))
    missing = {r: len(wanted - set(again.filter(pc.equal(again["release_id"], r))["item_id"].to_pylist())) for r in fresh}
    n = sum(missing.values())
    names = ", ".join(f"{r} ({m})" for r, m in missing.items() if m)
    return CheckResult(n == 0, {"n_missing": n}, f"frozen items without an answer: {names}; complete the release's answers file" if n else "")


def few_answers_failed(tables: Tables) -> CheckResult:
    """At most 5 % of the replayed answers failed."""
    status = tables["responses/answers"]["status"]
    share = (pc.sum(pc.not_equal(status, "ok")).as_py() or 0) / max(len(status), 1)
    return CheckResult(
        share <= _MAX_FAILED, {"failed_share": share}, "" if share <= _MAX_FAILED else f"{share:.0%} of the answers failed; verdicts/calls says why"
    )


CHECKS = (
    Check("every_living_item_is_logged", ANSWERS, every_living_item_has_its_logged_answer, every_living_item_has_its_logged_answer.__doc__ or ""),
    Check("new_releases_answer_all", ANSWERS, new_releases_answer_the_frozen_set, new_releases_answer_the_frozen_set.__doc__ or ""),
    Check("few_answers_failed", ANSWERS, few_answers_failed, few_answers_failed.__doc__ or "", is_blocking=False),
)
