"""Each check passes on a sound week and fails on the fault that it is there for."""

from __future__ import annotations

import pyarrow as pa
import pytest

from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts import checks
from liveeval_assets.verdicts.calls import Result
from liveeval_assets.verdicts.controls import plant
from liveeval_assets.verdicts.judged import judge
from liveeval_assets.verdicts.plan import plan
from liveeval_assets.verdicts.refute import plan_attacks, refutations
from tests.verdicts import cases
from tests.verdicts.cases import WEEK


@pytest.fixture
def sound() -> dict[str, pa.Table]:
    versions, answers, registry = cases.versions(), cases.answers(), cases.registry()
    controls = plant(versions, answers, TABLES["labels/consensus"].empty(), 0.05, 1, WEEK)
    found = plan(versions, answers, controls, registry, cases.roster(), WEEK, 1, 10)
    judged = judge(found, {i: Result("ok", "pass") for c in found for i in c.call_ids}, WEEK)
    attacks = plan_attacks(judged, versions, answers, controls, {"r1": "borealis"}, cases.roster(), 1)
    attacked = refutations(attacks, {a.call_id: Result("ok", "stands", "none") for a in attacks}, WEEK)
    return {
        "eval_sets/versions": versions,
        "responses/answers": answers,
        "releases/registry": registry,
        "verdicts/controls": controls,
        "verdicts/judged": judged,
        "verdicts/refutations": attacked,
    }


def changed(tables: dict[str, pa.Table], path: str, **values: object) -> dict[str, pa.Table]:
    """The tables with the first row of `path` changed."""
    rows = tables[path].to_pylist()
    return {**tables, path: TABLES[path].rows([{**rows[0], **values}, *rows[1:]])}


def test_a_sound_week_passes(sound: dict[str, pa.Table]) -> None:
    for check in (*checks.CONTROLS_CHECKS, *checks.JUDGED_CHECKS, *checks.REFUTATIONS_CHECKS):
        assert check.run(sound).passed, check.name
    assert sound["verdicts/refutations"].num_rows == cases.N_FROZEN + cases.N_LIVING + 3


def test_a_kin_judge_is_blocked(sound: dict[str, pa.Table]) -> None:
    rows = sound["verdicts/judged"].to_pylist()
    kin = [{**r, "judge_family": "borealis"} if r["judge_role"] == "panel" else r for r in rows]
    found = checks.judges_are_strangers({**sound, "verdicts/judged": TABLES["verdicts/judged"].rows(kin)})
    assert not found.passed
    assert "verdicts.panel" in found.mend
    naive = [{**r, "judge_family": "borealis"} if r["judge_role"] == "naive" else r for r in rows]
    assert checks.judges_are_strangers({**sound, "verdicts/judged": TABLES["verdicts/judged"].rows(naive)}).passed


@pytest.mark.parametrize("family", ["borealis", "corvus"])
def test_a_kin_refuter_is_blocked(sound: dict[str, pa.Table], family: str) -> None:
    rows = [{**r, "refuter_family": family} for r in sound["verdicts/refutations"].to_pylist()]
    found = checks.refuters_are_strangers({**sound, "verdicts/refutations": TABLES["verdicts/refutations"].rows(rows)})
    assert not found.passed
    assert "verdicts.refuters" in found.mend


def test_a_control_with_an_items_identity_is_blocked(sound: dict[str, pa.Table]) -> None:
    assert not checks.controls_stay_apart(changed(sound, "verdicts/controls", control_id="f1")).passed
    control = sound["verdicts/controls"]["control_id"][0].as_py()
    assert not checks.controls_stay_apart(changed(sound, "verdicts/judged", item_id=control)).passed


def test_a_missing_verdict_is_blocked(sound: dict[str, pa.Table]) -> None:
    judged = sound["verdicts/judged"]
    found = checks.every_answer_is_judged({**sound, "verdicts/judged": judged.slice(1)})
    assert (found.passed, found.counts["n_missing"]) == (False, 1)


def test_many_unscored_warn(sound: dict[str, pa.Table]) -> None:
    rows = sound["verdicts/judged"].to_pylist()
    few = [{**r, "status": "unscored"} if i < 1 else r for i, r in enumerate(rows)]
    many = [{**r, "status": "unscored"} if i < 5 else r for i, r in enumerate(rows)]
    assert checks.few_are_unscored({"verdicts/judged": TABLES["verdicts/judged"].rows(few)}).passed
    assert not checks.few_are_unscored({"verdicts/judged": TABLES["verdicts/judged"].rows(many)}).passed
    assert [c.name for c in checks.JUDGED_CHECKS if not c.is_blocking] == ["few_are_unscored"]


def test_alarms_of_judges_warn_by_name() -> None:
    row = {"model": "panel-judge", "role": "panel", "measure": "null_pass_rate", "estimate": 0.5, "lo": 0.1, "hi": 0.9, "n": 2, "is_alarm": True, "week": WEEK}
    bad = {"verdicts/judge_health": TABLES["verdicts/judge_health"].rows([row])}
    good = {"verdicts/judge_health": TABLES["verdicts/judge_health"].rows([{**row, "estimate": 0.0, "is_alarm": False}])}
    for check in checks.HEALTH_CHECKS:
        assert not check.is_blocking
        assert check.run(good).passed
        assert "panel-judge" in check.run(bad).mend


def test_a_week_of_good_controls_alone_is_blocked(sound: dict[str, pa.Table]) -> None:
    rows = [{**r, "kind": "known_good"} for r in sound["verdicts/controls"].to_pylist()]
    assert not checks.some_are_bad({"verdicts/controls": TABLES["verdicts/controls"].rows(rows)}).passed
