"""Which calls a week needs, and whose."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from liveeval_assets.settings import Verdicts
from liveeval_assets.shared.errors import SettingsError
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.plan import Case, pairs, plan
from liveeval_assets.verdicts.roster import require_strangers, roster_of
from tests.verdicts import cases
from tests.verdicts.cases import N_FROZEN, N_LIVING, NEXT, WEEK

NO_CONTROLS = TABLES["verdicts/controls"].empty()
BOTH = (WEEK, NEXT)


def planned(week: date = NEXT, **changes: Any) -> list[Case]:
    given = {"versions": cases.versions(BOTH), "answers": cases.answers(BOTH), "controls": NO_CONTROLS, "registry": cases.registry(), "roster": cases.roster()}
    return plan(**{**given, **changes}, week=week, seed=1, compare_items=4)


def test_every_answer_is_graded_by_every_judge_in_both_orders() -> None:
    found = [c for c in planned() if c.task == "grade"]
    assert len(found) == 2 * (N_FROZEN + N_LIVING)
    assert {c.judge.role for c in found} == {"naive", "panel"}
    assert all([r.order for r in c.requests] == [1, 2] for c in found)
    assert len({i for c in found for i in c.call_ids}) == 4 * (N_FROZEN + N_LIVING)
    assert {c.release_id for c in found} == {"r2"}
    first, second = found[0].requests
    assert "PASS, FAIL" in first.prompt
    assert "FAIL, PASS" in second.prompt


def test_a_new_release_is_compared_with_the_one_before_on_the_same_items() -> None:
    found = [c for c in planned() if c.task == "compare"]
    assert len(found) == 4
    assert {(c.release_id, c.baseline_release_id, c.judge.role) for c in found} == {("r2", "r1", "panel")}
    first, second = found[0].requests
    assert first.prompt.index("r2 says") < first.prompt.index("r1 says")
    assert second.prompt.index("r1 says") < second.prompt.index("r2 says")
    assert [c for c in planned(WEEK) if c.task == "compare"] == []


def test_pairs_follow_deployment() -> None:
    registry = cases.registry(("r3", "x", NEXT), ("r1", "x", WEEK), ("r0", "x", WEEK))
    assert pairs(registry, WEEK) == [("r1", "r0")]
    assert pairs(registry, NEXT) == [("r3", "r1")]


def test_an_answer_that_failed_has_a_case_without_calls_and_a_burned_item_none() -> None:
    answers = TABLES["responses/answers"].rows(
        [cases.answer("frozen", "f0", "r2", "replayed", NEXT), cases.answer("frozen", "f1", "r2", "replayed", NEXT, "x")]
    )
    versions = TABLES["eval_sets/versions"].rows([cases.item("frozen", "f0", WEEK, None), cases.item("frozen", "f1", WEEK, None, status="burned")])
    found = planned(answers=answers, versions=versions)
    assert [(c.item_id, c.requests, c.call_ids) for c in found] == [("f0", (), ())] * 2


def test_the_plan_does_not_depend_on_row_order() -> None:
    again = planned(versions=cases.shuffled(cases.versions(BOTH)), answers=cases.shuffled(cases.answers(BOTH)), registry=cases.shuffled(cases.registry()))
    assert again == planned()


def test_the_same_content_is_the_same_call_whatever_it_is_called() -> None:
    versions, answers = cases.versions(BOTH).to_pylist(), cases.answers(BOTH).to_pylist()
    renamed = TABLES["eval_sets/versions"].rows([{**r, "item_id": f"new-{r['item_id']}"} for r in versions])
    moved = TABLES["responses/answers"].rows([{**r, "item_id": f"new-{r['item_id']}"} for r in answers])
    ids = {i for c in planned() if c.task == "grade" for i in c.call_ids}
    assert {i for c in planned(versions=renamed, answers=moved) if c.task == "grade" for i in c.call_ids} == ids


def test_a_new_rubric_or_model_buys_its_own_calls_only() -> None:
    def ids(role: str, **changes: Any) -> set[str]:
        models = cases.models()
        models.update({n: models[n].model_copy(update=u) for n, u in changes.pop("models", {}).items()})
        roster = roster_of(Verdicts(naive="naive-judge", panel=["panel-judge"], refuters=["refuter"], **changes), models)
        return {i for c in planned(roster=roster) if c.judge.role == role for i in c.call_ids}

    base = {role: ids(role) for role in ("naive", "panel")}
    warmer = {"panel-judge": {"temperature": 0.5}}
    assert not base["panel"] & ids("panel", models=warmer)
    assert base["naive"] == ids("naive", models=warmer)
    assert base["panel"] == ids("panel", models={"refuter": {"temperature": 0.5}})
    assert not base["naive"] & ids("naive", rubric="PASS if polite.")
    assert base["panel"] == ids("panel", models={"panel-judge": {"usd_per_million_in": 3.0}})


def test_the_evaluators_version_names_everything_that_decides_a_verdict() -> None:
    roster = cases.roster()
    judge = roster.panel[0]
    others = [dataclasses.replace(judge, **change) for change in ({"name": "x"}, {"family": "x"}, {"sampling": (("temperature", 1.0),)})]
    found = [roster.version(judge, "grade/1"), roster.version(judge, "compare/1"), *(roster.version(o, "grade/1") for o in others)]
    assert len({*found, dataclasses.replace(roster, rubric="x").version(judge, "grade/1")}) == 6


def test_kin_may_not_judge() -> None:
    require_strangers(cases.roster(), {"r1": "borealis", "r3": "aster"})
    with pytest.raises(SettingsError, match=r"panel judge 'panel-judge' and release 'r1', 'r2' are of family 'borealis'.*verdicts.panel"):
        require_strangers(cases.roster(**{"panel-judge": "borealis"}), {"r1": "borealis", "r2": "borealis"})
    with pytest.raises(SettingsError, match="refuter 'refuter' and panel judge"):
        require_strangers(cases.roster(refuter="corvus"), {"r1": "borealis"})
    with pytest.raises(SettingsError, match="refuter 'refuter' and release 'r1'"):
        require_strangers(cases.roster(refuter="borealis"), {"r1": "borealis"})


def test_settings_that_name_nobody_or_somebody_twice_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"llm\.models has no ghost"):
        roster_of(Verdicts(naive="ghost"), cases.models())
    with pytest.raises(SettingsError, match="two roles"):
        roster_of(Verdicts(naive="naive-judge", panel=["naive-judge"]), cases.models())
