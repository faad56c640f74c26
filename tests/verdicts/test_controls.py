"""Planted cases: of every kind, known by construction, never an item."""

from __future__ import annotations

from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.controls import NULL_ANSWERS, plant
from tests.verdicts import cases
from tests.verdicts.cases import N_LIVING, NEXT, WEEK

SPEC = TABLES["verdicts/controls"]
NO_LABELS = TABLES["labels/consensus"].empty()
BOTH = (WEEK, NEXT)


def label(i: int, y: float, n_raters: int = 3) -> dict[str, object]:
    base = {"version": f"living-{WEEK}", "item_id": f"l{i}-{WEEK}", "release_id": "r1", "population": "living", "mode": "logged", "label_probability": 1.0}
    return {**base, "y": y, "q": y, "n_raters": n_raters, "sensitivity": 0.9, "specificity": 0.9, "week": WEEK}


def test_a_week_plants_each_kind() -> None:
    labels = TABLES["labels/consensus"].rows([label(0, 1.0), label(1, 0.0), label(2, 1.0, n_raters=1)])
    found = plant(cases.versions(BOTH), cases.answers(BOTH), labels, 0.5, 1, NEXT)
    assert violations(SPEC, found) == {}
    rows = found.to_pylist()
    assert len(rows) == N_LIVING // 2
    assert {r["kind"] for r in rows} == {"known_good", "known_bad", "null_answer"}
    [good] = [r for r in rows if r["kind"] == "known_good"]
    assert (good["source_item_id"], good["answer"], good["verified_by"]) == (f"l0-{WEEK}", f"r1 logged {cases.LONG} 0", "rater")
    assert {r["answer"] for r in rows if r["kind"] == "null_answer"} <= set(NULL_ANSWERS)


def test_bad_answers_are_bad_by_construction() -> None:
    answers = {r["item_id"]: r["answer"] for r in cases.answers(BOTH).to_pylist() if r["week"] == NEXT}
    strata = {r["item_id"]: r["stratum_id"] for r in cases.versions(BOTH).to_pylist()}
    owners = {text: item for item, text in answers.items()}
    seen = set()
    for seed in range(20):
        for row in plant(cases.versions(BOTH), cases.answers(BOTH), NO_LABELS, 1.0, seed, NEXT).to_pylist():
            if row["kind"] == "known_bad":
                seen.add(row["defect_class"])
                true = answers[row["source_item_id"]]
                if row["defect_class"] == "off_topic":
                    assert strata[owners[row["answer"]]] != row["stratum_id"]
                else:
                    assert true.startswith(row["answer"])
                    assert len(row["answer"]) < len(true) / 2
    assert seen == {"off_topic", "incomplete"}


def test_controls_are_no_items_and_are_drawn_alike_in_any_order() -> None:
    found = plant(cases.versions(BOTH), cases.answers(BOTH), NO_LABELS, 0.05, 1, NEXT)
    assert found.num_rows == 3
    assert not set(found["control_id"].to_pylist()) & set(cases.versions(BOTH)["item_id"].to_pylist())
    assert found.equals(plant(cases.shuffled(cases.versions(BOTH)), cases.shuffled(cases.answers(BOTH)), NO_LABELS, 0.05, 1, NEXT))
    assert not found.equals(plant(cases.versions(BOTH), cases.answers(BOTH), NO_LABELS, 0.05, 2, NEXT))


def test_nothing_is_planted_where_nothing_was_served() -> None:
    assert plant(cases.versions(BOTH), cases.answers(BOTH), NO_LABELS, 0.0, 1, NEXT).num_rows == 0
    assert plant(cases.versions(BOTH), TABLES["responses/answers"].empty(), NO_LABELS, 0.5, 1, NEXT).num_rows == 0


def test_null_answers_rotate() -> None:
    from datetime import timedelta

    seen = set()
    for i in range(3):
        week = WEEK + timedelta(weeks=i)
        versions = TABLES["eval_sets/versions"].rows([cases.item(f"living-{week}", f"l{j}", week, "r1") for j in range(6)])
        answers = TABLES["responses/answers"].rows([cases.answer(f"living-{week}", f"l{j}", "r1", "logged", week, cases.LONG) for j in range(6)])
        seen |= {r["answer"] for r in plant(versions, answers, NO_LABELS, 0.05, 1, week).to_pylist() if r["kind"] == "null_answer"}
    assert seen == set(NULL_ANSWERS)
