"""From calls to verdicts, refutations and the audit."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from liveeval_assets.settings import Verdicts
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.audited import audit
from liveeval_assets.verdicts.calls import Result, settle
from liveeval_assets.verdicts.evidence import is_verbatim
from liveeval_assets.verdicts.judged import judge
from liveeval_assets.verdicts.plan import Case, plan
from liveeval_assets.verdicts.refute import Attack, passes, plan_attacks, refutations
from liveeval_assets.verdicts.roster import Roster, roster_of
from tests.verdicts import cases
from tests.verdicts.cases import NEXT, WEEK

CONTROLS = TABLES["verdicts/controls"].empty()
FAMILIES = {"r1": "borealis", "r2": "borealis"}


def week_one(results: Callable[[Case, int], Result], roster: Roster | None = None) -> pa.Table:
    roster = roster or cases.roster()
    found = plan(cases.versions(), cases.answers(), CONTROLS, cases.registry(), roster, WEEK, 1, 10)
    said = {i: results(c, order) for c in found for order, i in enumerate(c.call_ids, 1)}
    judged = judge(found, said, WEEK)
    assert violations(TABLES["verdicts/judged"], judged) == {}
    return judged


def attacked(judged: pa.Table, roster: Roster | None = None) -> list[Attack]:
    return plan_attacks(judged, cases.versions(), cases.answers(), CONTROLS, FAMILIES, roster or cases.roster(), 1)


@pytest.mark.parametrize("status", ["parse_failed", "refused", "truncated", "api_error", "over_budget"])
@pytest.mark.parametrize("order", [1, 2])
def test_a_call_that_is_not_ok_is_neither_pass_nor_fail(status: str, order: int) -> None:
    judged = week_one(lambda _c, o: Result(status) if o == order else Result("ok", "pass"))
    assert set(judged["status"].to_pylist()) == {"unscored"}
    assert set(judged["verdict"].to_pylist()) | set(judged["first"].to_pylist()) | set(judged["second"].to_pylist()) == {None}
    assert passes(judged) == []


def test_a_missing_call_is_unscored() -> None:
    found = plan(cases.versions(), cases.answers(), CONTROLS, cases.registry(), cases.roster(), WEEK, 1, 10)
    assert set(judge(found, {}, WEEK)["status"].to_pylist()) == {"unscored"}


def test_orders_that_disagree_split_and_are_not_attacked() -> None:
    judged = week_one(lambda _c, o: Result("ok", "pass" if o == 1 else "fail"))
    assert set(judged["verdict"].to_pylist()) == {"split"}
    assert attacked(judged) == []


def test_only_panel_passes_are_attacked_once_each_by_a_stranger() -> None:
    judged = week_one(lambda c, _o: Result("ok", "pass" if (c.judge.role == "panel") == (c.item_id == "f1") else "fail"))
    attacks = attacked(judged)
    assert [(a.key[2], a.refuter.name) for a in attacks] == [("f1", "refuter")]
    assert "r1 says" in attacks[0].request.prompt
    assert attacked(judged, cases.roster(refuter="borealis")) == []
    assert audit(judged, refutations([], {}, WEEK), WEEK).to_pylist()[0]["status"] == "unscored"


def test_two_panel_judges_need_a_majority() -> None:
    two = roster_of(Verdicts(panel=["panel-judge", "second"], refuters=["refuter"]), cases.models(second="ember"))
    judged = week_one(lambda c, _o: Result("ok", "pass" if c.judge.name == "second" or c.item_id == "f0" else "fail"), two)
    assert [key[2] for key in passes(judged)] == ["f0"]


@pytest.mark.parametrize(
    ("votes", "is_pass"),
    [("pass", True), ("split", False), ("pass split", True), ("pass fail", False), ("pass none", True), ("none none", False), ("pass split split", True)],
)
def test_the_panel_passes_if_its_scored_votes_do(votes: str, is_pass: bool) -> None:
    """As V of the scorecards: a split is half a vote, an unscored verdict none."""
    rows = [r for r in week_one(lambda _c, _o: Result("ok", "pass")).to_pylist() if r["judge_role"] == "panel" and r["item_id"] == "f0"][:1]
    cast = [{**rows[0], "judge": f"p{i}", "verdict": v, "status": "scored"} for i, v in enumerate(votes.split())]
    cast = [{**r, "verdict": None, "status": "unscored", "first": None, "second": None} if r["verdict"] == "none" else r for r in cast]
    assert bool(passes(TABLES["verdicts/judged"].rows(cast))) == is_pass


@pytest.mark.parametrize(
    ("result", "status", "is_refuted", "audit_status", "z"),
    [
        (Result("ok", "refuted", "wrong_fact", True), "valid", True, "refuted", 1.0),
        (Result("ok", "refuted", "wrong_fact", False), "void", False, "survived", 0.0),
        (Result("ok", "refuted", "wrong_fact", None), "void", False, "survived", 0.0),
        (Result("ok", "stands", "none"), "valid", False, "survived", 0.0),
        (Result("truncated"), "unscored", None, "unscored", None),
        (None, "unscored", None, "unscored", None),
    ],
)
def test_an_attack_counts_only_with_evidence(result: Result | None, status: str, is_refuted: bool | None, audit_status: str, z: float | None) -> None:
    judged = week_one(lambda c, _o: Result("ok", "pass" if c.item_id == "f1" else "fail"))
    [attack] = attacked(judged)
    found = refutations([attack], {attack.call_id: result} if result else {}, WEEK)
    assert (found.to_pylist()[0]["status"], found.to_pylist()[0]["is_refuted"]) == (status, is_refuted)
    [row] = audit(judged, found, WEEK).to_pylist()
    assert (row["status"], row["Z1"], row["n_refuters"]) == (audit_status, z, int(z is not None))


def test_attackers_who_disagree_leave_a_pass_contested() -> None:
    judged = week_one(lambda c, _o: Result("ok", "pass" if c.item_id == "f1" else "fail"))
    [attack] = attacked(judged)
    [row] = refutations([attack], {attack.call_id: Result("ok", "stands", "none")}, WEEK).to_pylist()
    both = TABLES["verdicts/refutations"].rows([row, {**row, "round": 2, "is_refuted": True}])
    [found] = audit(judged, both, WEEK).to_pylist()
    assert (found["status"], found["Z1"], found["n_refuters"]) == ("contested", 0.0, 2)


@pytest.mark.parametrize(
    ("span", "answer", "is_there"),
    [
        ("within 30 days", "You can return it\n within  30 days.", True),
        ("Within 30 days", "You can return it within 30 days.", False),
        ("within 31 days", "You can return it within 30 days.", False),
        ("", "anything", False),
        ("  \n", "anything", False),
        ("x", "", False),
        ("\u2039\u2039END", "a <<END of it", True),
        ("<<END", "a <<END of it", True),
    ],
)
def test_evidence_is_word_for_word(span: str, answer: str, is_there: bool) -> None:
    assert is_verbatim(span, answer) is is_there


def test_replies_are_settled_alike_from_the_model_and_from_the_lake() -> None:
    said = {"refuted": True, "defect_class": "wrong_fact", "evidence_span": "30 days", "check": "c"}
    fresh = settle("refute", said, "within 30 days")
    assert fresh == Result("ok", "refuted", "wrong_fact", True)
    again = {"verdict": fresh.verdict, "defect_class": fresh.defect_class, "evidence_verified": fresh.evidence_verified}
    assert settle("refute", again, "the answer is not needed any more") == fresh
    assert settle("grade", {"reason": "", "verdict": "fail"}, "") == Result("ok", "fail")
    assert settle("compare", {"reason": "", "winner": "tie"}, "") == Result("ok", "tie")


def test_verdicts_are_the_same_bytes_whatever_the_row_order() -> None:
    found = plan(cases.versions((WEEK, NEXT)), cases.answers((WEEK, NEXT)), CONTROLS, cases.registry(), cases.roster(), NEXT, 1, 3)
    other = plan(
        cases.shuffled(cases.versions((WEEK, NEXT))), cases.shuffled(cases.answers((WEEK, NEXT))), CONTROLS, cases.registry(), cases.roster(), NEXT, 1, 3
    )
    said = {i: Result("ok", "pass" if c.task == "grade" else "first") for c in found for i in c.call_ids}
    assert judge(found, said, NEXT).equals(judge(other, said, NEXT))
