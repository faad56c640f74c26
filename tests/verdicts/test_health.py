"""Judge health on judges whose errors are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.health import health, slope, weighted_rate, wilson
from tests.verdicts import cases
from tests.verdicts.cases import WEEK

JUDGED, AUDITED, REFUTATIONS = (TABLES[f"verdicts/{n}"] for n in ("judged", "audited", "refutations"))
CONTROLS, LABELS, ANSWERS = TABLES["verdicts/controls"], TABLES["labels/consensus"], TABLES["responses/answers"]
Rows = Sequence[dict[str, Any]]
KEY = {"unit": "item", "version": "frozen", "release_id": "r1", "mode": "replayed"}


def judged_row(i: int, first: float | None, second: float | None, *, unit: str = "item", item: str | None = None) -> dict[str, object]:
    verdict = None if first is None else "split" if first != second else "pass" if first else "fail"
    row = {**KEY, "unit": unit, "item_id": item or f"i{i}", "baseline_release_id": "", "judge": "panel-judge", "judge_role": "panel", "judge_family": "corvus"}
    row |= {"task": "grade", "status": "unscored" if first is None else "scored", "verdict": verdict, "first": first, "second": second}
    return {**row, "call_ids": [], "evaluator_version": "v", "week": WEEK}


def measures(
    judged: Rows = (), refuted: Rows = (), audited: Rows = (), controls: Rows = (), answers: Rows = (), labels: Rows = ()
) -> dict[str, dict[str, Any]]:
    tables = [
        s.rows(list(r)) for s, r in ((JUDGED, judged), (REFUTATIONS, refuted), (AUDITED, audited), (CONTROLS, controls), (ANSWERS, answers), (LABELS, labels))
    ]
    found = health(*tables, WEEK)
    TABLES["verdicts/judge_health"].conform(found)
    return {r["measure"]: r for r in found.to_pylist()}


def test_a_planted_position_bias_is_found_with_its_sign_and_alarm() -> None:
    rng = np.random.default_rng(7)
    p = rng.uniform(0.2, 0.8, 2000)
    for beta in (0.0, 0.06, -0.06):
        first, second = (rng.random(2000) < p + beta).astype(float), (rng.random(2000) < p - beta).astype(float)
        found = measures([judged_row(i, a, b) for i, (a, b) in enumerate(zip(first, second, strict=True))])["position_delta"]
        se = (found["hi"] - found["lo"]) / (2 * 1.96)  # type: ignore[operator]
        assert abs(found["estimate"] - beta) < 3 * se  # type: ignore[operator]
        assert found["is_alarm"] is (beta != 0)


def test_counts_of_consistency_passes_and_unscored() -> None:
    found = measures([judged_row(0, 1, 1), judged_row(1, 1, 0), judged_row(2, 0, 0), judged_row(3, None, None)])
    assert found["consistency_rate"]["estimate"] == pytest.approx(2 / 3)
    assert found["pass_rate"]["estimate"] == pytest.approx(1 / 3)
    assert (found["unscored_rate"]["estimate"], found["unscored_rate"]["n"]) == (0.25, 4)
    assert not any(r["is_alarm"] for r in found.values())


def test_length_slope_of_a_judge_that_likes_length() -> None:
    rng = np.random.default_rng(3)
    size = rng.lognormal(5, 0.5, 1500).astype(int) + 5
    z = (np.log(size) - np.log(size).mean()) / np.log(size).std()
    j = (rng.random(1500) < 0.5 + 0.1 * np.clip(z, -3, 3)).astype(float)
    answers = [{**cases.answer("frozen", f"i{i}", "r1", "replayed", WEEK, "x"), "n_characters": int(n)} for i, n in enumerate(size)]
    found = measures([judged_row(i, a, a) for i, a in enumerate(j)], answers=answers)["length_slope"]
    assert found["lo"] < 0.1 < found["hi"]  # type: ignore[operator]
    assert found["lo"] > 0.05  # type: ignore[operator]


def control(i: int, kind: str) -> dict[str, object]:
    row = {"control_id": f"c{i}", "source_item_id": f"i{i}", "release_id": "r1", "kind": kind, "verified_by": "construction", "stratum_id": "s"}
    return {**row, "question": "q", "answer": "", "week": WEEK}


def test_one_null_answer_passed_is_an_alarm() -> None:
    controls = [control(i, "null_answer") for i in range(5)] + [control(9, "known_good")]
    failing = [judged_row(0, 0, 0, unit="control", item=f"c{i}") for i in range(5)] + [judged_row(0, 1, 1, unit="control", item="c9")]
    assert measures(failing, controls=controls)["null_pass_rate"]["estimate"] == 0
    assert not measures(failing, controls=controls)["null_pass_rate"]["is_alarm"]
    passing = [*failing[1:], judged_row(0, 1, 1, unit="control", item="c0")]
    found = measures(passing, controls=controls)["null_pass_rate"]
    assert (found["estimate"], found["n"], found["is_alarm"]) == (0.2, 5, True)


def attack(i: int, z: float | None, *, unit: str = "item", item: str | None = None) -> tuple[dict[str, object], dict[str, object]]:
    key = {**KEY, "unit": unit, "item_id": item or f"i{i}", "week": WEEK}
    status = "unscored" if z is None else "valid"
    refutation = {
        **key,
        "refuter": "refuter",
        "refuter_family": "dorado",
        "round": 1,
        "status": status,
        "is_refuted": None if z is None else bool(z),
        "call_id": f"k{i}",
    }
    audit = {**key, "status": "unscored" if z is None else "refuted" if z else "survived", "Z1": z, "n_refuters": int(z is not None)}
    return refutation, audit


def test_catch_and_false_kill_rates_are_unbiased_under_noisy_and_uneven_labels() -> None:
    rng = np.random.default_rng(11)
    n, se, sp, catch, kill = 20_000, 0.92, 0.85, 0.75, 0.1
    good = rng.random(n) < 0.8
    z = np.where(good, rng.random(n) < kill, rng.random(n) < catch).astype(float)
    pi = np.where(z == 1, 0.9, 0.3)  # the plan may look at Z
    y = np.where(good, rng.random(n) < se, rng.random(n) > sp).astype(float)
    q = (y - (1 - sp)) / (se + sp - 1)
    chosen = rng.random(n) < pi
    found = [attack(i, z[i]) for i in range(n)]
    base = {
        "version": "frozen",
        "release_id": "r1",
        "population": "frozen",
        "mode": "replayed",
        "n_raters": 1,
        "sensitivity": se,
        "specificity": sp,
        "week": WEEK,
    }
    labels = [{**base, "item_id": f"i{i}", "label_probability": pi[i], "y": y[i], "q": q[i]} for i in np.flatnonzero(chosen)]
    rates = measures(refuted=[r for r, _ in found], audited=[a for _, a in found], labels=labels)
    for name, truth in (("catch_rate", catch), ("false_kill_rate", kill)):
        se_hat = (rates[name]["hi"] - rates[name]["lo"]) / (2 * 1.96)  # type: ignore[operator]
        assert abs(rates[name]["estimate"] - truth) < 3 * se_hat < 0.06  # type: ignore[operator]


def test_planted_controls_speak_where_labels_are_few() -> None:
    found = [attack(i, float(i < 3), unit="control", item=f"c{i}") for i in range(4)] + [attack(9, 0.0, unit="control", item="c9"), attack(20, None)]
    controls = [control(i, "known_bad") for i in range(4)] + [control(9, "known_good")]
    rates = measures(refuted=[r for r, _ in found], audited=[a for _, a in found], controls=controls)
    assert (rates["catch_rate"]["estimate"], rates["catch_rate"]["n"]) == (0.75, 4)
    assert (rates["false_kill_rate"]["estimate"], rates["false_kill_rate"]["n"]) == (0.0, 1)
    assert (rates["unscored_rate"]["estimate"], rates["unscored_rate"]["n"]) == (1.0, 1)


def test_a_measure_that_cannot_be_had_is_null() -> None:
    found = measures([judged_row(0, None, None)])
    assert (found["position_delta"]["estimate"], found["position_delta"]["n"]) == (None, 0)
    assert (found["null_pass_rate"]["estimate"], found["null_pass_rate"]["n"], found["null_pass_rate"]["is_alarm"]) == (None, 0, False)
    assert health(*(s.empty() for s in (JUDGED, REFUTATIONS, AUDITED, CONTROLS, ANSWERS, LABELS)), WEEK).num_rows == 0


def test_wilson_covers_and_stays_in_bounds() -> None:
    rng = np.random.default_rng(5)
    for p, n in ((0.05, 40), (0.5, 30), (0.9, 60)):
        hits = [wilson(int(k), n) for k in rng.binomial(n, p, 2000)]
        assert 0.92 <= np.mean([m.lo <= p <= m.hi for m in hits]) <= 0.985
    assert (wilson(0, 10).lo, wilson(10, 10).hi) == (0.0, 1.0)
    assert wilson(5, 10).lo == pytest.approx(0.2366, abs=1e-4)


def test_slope_and_ratio_by_hand() -> None:
    x = np.arange(12.0)
    assert slope(2 * x, x).estimate == pytest.approx(2 * x.std())
    assert slope(x, np.ones(12)).estimate is None
    assert weighted_rate(np.array([1.0, 0.0]), np.array([3.0, 1.0])).estimate == 0.75
    assert weighted_rate(np.zeros(0), np.zeros(0)).estimate is None
    assert math.isclose(weighted_rate(np.ones(4), np.ones(4)).lo or 0, 1.0)


def test_row_order_does_not_matter() -> None:
    rows = [judged_row(i, float(i % 2), float(i % 3 == 0)) for i in range(30)]
    tables = (REFUTATIONS.empty(), AUDITED.empty(), CONTROLS.empty(), ANSWERS.empty(), LABELS.empty(), WEEK)
    assert health(JUDGED.rows(rows), *tables).equals(health(JUDGED.rows(rows[::-1]), *tables))
    assert isinstance(health(JUDGED.rows(rows), *tables), pa.Table)
