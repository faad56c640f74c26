"""What must hold of a week's verdicts before they are written, and what is worth a warning."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.verdicts.roster import kinships
from liveeval_assets.verdicts.tables import CONTROLS, JUDGE_HEALTH, JUDGED, REFUTATIONS

_MAX_UNSCORED = 0.05


def judges_are_strangers(tables: Tables) -> CheckResult:
    """No panel judge is of the family of a release that it judged."""
    judged, registry = tables["verdicts/judged"], tables["releases/registry"]
    panel = _families(judged.filter(pc.equal(judged["judge_role"], "panel")), "judge", "judge_family")
    found = kinships(panel, {}, _generators(registry, judged))
    return CheckResult(not found, {"n_pairs": len(found)}, "; ".join(found) + ": choose another model in verdicts.panel" if found else "")


def refuters_are_strangers(tables: Tables) -> CheckResult:
    """No refuter is of the family of a panel judge or of a release that it attacked."""
    attacks, judged, registry = tables["verdicts/refutations"], tables["verdicts/judged"], tables["releases/registry"]
    panel = _families(judged.filter(pc.equal(judged["judge_role"], "panel")), "judge", "judge_family")
    refuters = _families(attacks, "refuter", "refuter_family")
    found = [clause for clause in kinships(panel, refuters, _generators(registry, attacks)) if clause.startswith("refuter")]
    return CheckResult(not found, {"n_pairs": len(found)}, "; ".join(found) + ": choose another model in verdicts.refuters" if found else "")


def controls_stay_apart(tables: Tables) -> CheckResult:
    """No control has the identity of an item, and none is judged as one."""
    judged, controls, versions = tables["verdicts/judged"], tables["verdicts/controls"], tables["eval_sets/versions"]
    planted, items = set(controls["control_id"].to_pylist()), set(versions["item_id"].to_pylist())
    as_items = set(judged.filter(pc.equal(judged["unit"], "item"))["item_id"].to_pylist())
    as_controls = set(judged.filter(pc.equal(judged["unit"], "control"))["item_id"].to_pylist())
    n = len(planted & items) + len(planted & as_items) + len(as_controls & items)
    return CheckResult(n == 0, {"n_mixed": n}, "" if n == 0 else f"{n} control(s) could reach a score; mend verdicts/controls")


def every_answer_is_judged(tables: Tables) -> CheckResult:
    """Every answer of the week to an active item has a row from each judge: what failed is unscored, not missing."""
    judged, answers, versions = tables["verdicts/judged"], tables["responses/answers"], tables["eval_sets/versions"]
    active = set(_keys(versions.filter(pc.equal(versions["status"], "active")), ("version", "item_id")))
    names = ("version", "item_id", "release_id", "mode")
    weeks = judged["week"].unique().to_pylist()
    answers = answers.filter(pc.is_in(answers["week"], pa.array(weeks, pa.date32())))
    wanted = {key for key in _keys(answers, names) if key[:2] in active}
    grades = judged.filter(pc.and_(pc.equal(judged["task"], "grade"), pc.equal(judged["unit"], "item")))
    n_missing = sum(len(wanted - set(_keys(grades.filter(pc.equal(grades["judge"], j)), names))) for j in grades["judge"].unique().to_pylist())
    return CheckResult(n_missing == 0, {"n_missing": n_missing, "n_answers": len(wanted)}, f"{n_missing} verdict(s) are missing" if n_missing else "")


def few_are_unscored(tables: Tables) -> CheckResult:
    """At most 5 % of the verdicts are unscored."""
    judged = tables["verdicts/judged"]
    n = pc.sum(pc.equal(judged["status"], "unscored")).as_py() or 0
    share = n / max(judged.num_rows, 1)
    mend = "" if share <= _MAX_UNSCORED else f"{share:.0%} of the verdicts are unscored; statuses in verdicts/calls and responses/answers say why"
    return CheckResult(share <= _MAX_UNSCORED, {"n_unscored": n, "share": share}, mend)


def null_answers_fail(tables: Tables) -> CheckResult:
    """No judge passes an empty or constant answer."""
    rows = tables["verdicts/judge_health"]
    passed = [r["model"] for r in rows.to_pylist() if r["measure"] == "null_pass_rate" and (r["estimate"] or 0) > 0]
    return CheckResult(not passed, {"n_judges": len(passed)}, f"{', '.join(passed)} passed a null answer: do not trust its passes" if passed else "")


def judges_are_healthy(tables: Tables) -> CheckResult:
    """No measure of a judge or refuter is in alarm."""
    alarms = [f"{r['model']} {r['measure']}" for r in tables["verdicts/judge_health"].to_pylist() if r["is_alarm"]]
    return CheckResult(not alarms, {"n_alarms": len(alarms)}, f"in alarm: {', '.join(alarms)}" if alarms else "")


def some_are_bad(tables: Tables) -> CheckResult:
    """Every week with controls has a known bad one."""
    kinds = tables["verdicts/controls"]["kind"].to_pylist()
    return CheckResult(not kinds or any(k != "known_good" for k in kinds), {"n_controls": len(kinds)})


CONTROLS_CHECKS = (Check("some_are_bad", CONTROLS, some_are_bad, some_are_bad.__doc__ or ""),)
JUDGED_CHECKS = (
    Check("judges_are_strangers", JUDGED, judges_are_strangers, judges_are_strangers.__doc__ or ""),
    Check("controls_stay_apart", JUDGED, controls_stay_apart, controls_stay_apart.__doc__ or ""),
    Check("every_answer_is_judged", JUDGED, every_answer_is_judged, every_answer_is_judged.__doc__ or ""),
    Check("few_are_unscored", JUDGED, few_are_unscored, few_are_unscored.__doc__ or "", is_blocking=False),
)
REFUTATIONS_CHECKS = (Check("refuters_are_strangers", REFUTATIONS, refuters_are_strangers, refuters_are_strangers.__doc__ or ""),)
HEALTH_CHECKS = (
    Check("null_answers_fail", JUDGE_HEALTH, null_answers_fail, null_answers_fail.__doc__ or "", is_blocking=False),
    Check("judges_are_healthy", JUDGE_HEALTH, judges_are_healthy, judges_are_healthy.__doc__ or "", is_blocking=False),
)


def _families(rows: pa.Table, name: str, family: str) -> dict[str, str]:
    return dict(zip(rows[name].to_pylist(), rows[family].to_pylist(), strict=True))


def _generators(registry: pa.Table, rows: pa.Table) -> dict[str, str]:
    """Families of the releases whose answers are in `rows`."""
    seen = set(rows["release_id"].to_pylist())
    return {r: f for r, f in _families(registry, "release_id", "family").items() if r in seen}


def _keys(rows: pa.Table, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    return list(zip(*(rows[n].to_pylist() for n in names), strict=True))
