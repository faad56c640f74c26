"""Which rows a week's scorecards rest on, and what joins them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.scorecards.published import published
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.scorecards.tables import FROZEN, empty, filled, label, monday, units_of, verdicts, week_tables

ITEM_SCORES = TABLES["scorecards/item_scores"]


def rows(units: pa.Table, population: str, release: str = "r1") -> list[dict[str, Any]]:
    return [r for r in units.to_pylist() if (r["population"], r["release_id"]) == (population, release)]


@pytest.fixture(scope="module")
def first() -> pa.Table:
    return units_of(0, week_tables(0, "r1", new=["r1"]))


def test_rows_are_as_declared(first: pa.Table) -> None:
    assert violations(ITEM_SCORES, first) == {}
    assert {p: len(rows(first, p)) for p in ("frozen", "living", "traffic")} == {"frozen": 4, "living": 3, "traffic": 6}


def test_verdicts_labels_and_kinship_are_joined(first: pa.Table) -> None:
    row = rows(first, "living")[0]
    wanted = {"J1": 1.0, "J2": 0.0, "V": 1.0, "Z1": None, "f": 1.0, "contaminated": 0.0, "weight": 2.0, "label_y": 1.0, "label_probability": 0.5}
    assert {n: row[n] for n in wanted} == wanted
    assert row["label"] == pytest.approx((1 - 0.2) / 0.7)
    assert row["sensitivity_se"] == 0.01
    # the frozen set is a plain list whatever the weight of its version says
    assert rows(first, "frozen")[0]["weight"] == 1.0


def test_traffic_has_design_weight_outcome_and_covariates(first: pa.Table) -> None:
    found = rows(first, "traffic")
    assert {r["weight"] for r in found} == {4.0}
    assert [(r["y"], r["observed"]) for r in found[:3]] == [(1.0, 1.0), (None, 0.0), (None, None)]
    assert found[0]["covariates"] == [2.5, 0.0]


def test_an_unscored_judge_is_neither_pass_nor_fail() -> None:
    tables = week_tables(0, "r1", new=["r1"])
    broken = [{**v, "status": "unscored", "verdict": None, "first": None, "second": None} for v in tables["verdicts/judged"].to_pylist()]
    tables["verdicts/judged"] = filled("verdicts/judged", broken)
    row = rows(units_of(0, tables), "living")[0]
    assert (row["J1"], row["J2"], row["V"], row["f"]) == (None, None, None, None)


@pytest.mark.parametrize(("votes", "value"), [(["pass", "fail"], 0.5), (["pass", "pass", "fail"], 1.0), (["split"], 0.5), (["fail", "split"], 0.0)])
def test_the_panel_votes(votes: list[str], value: float) -> None:
    tables = week_tables(0, "r1", new=["r1"])
    answer = {"version": "frozen", "item_id": "f0", "release_id": "r1", "mode": "replayed"}
    panel = [{**verdicts(answer)[1], "judge": f"p{i}", "verdict": v} for i, v in enumerate(votes)]
    tables["verdicts/judged"] = filled("verdicts/judged", [verdicts(answer)[0], *panel])
    assert next(r for r in rows(units_of(0, tables), "frozen") if r["unit_id"] == "f0")["V"] == value


def test_controls_and_comparisons_stay_outside() -> None:
    tables = week_tables(0, "r1", new=["r1"])
    answer = {"version": "frozen", "item_id": "f0", "release_id": "r1", "mode": "replayed"}
    strange = [v for n in ({"unit": "control"}, {"task": "compare", "baseline_release_id": "r2"}) for v in verdicts(answer, first=0.0, second=0.0, **n)]
    control = verdicts({**answer, "version": "controls", "item_id": "k", "mode": "planted"}, unit="control")
    before = units_of(0, tables)
    tables["verdicts/judged"] = pa.concat_tables([tables["verdicts/judged"], filled("verdicts/judged", [*strange, *control])])
    assert units_of(0, tables).equals(before)


def test_burned_items_and_failed_answers_do_not_count() -> None:
    tables = week_tables(0, "r1", new=["r1"])
    versions = [{**v, "status": "burned" if v["item_id"] == "f1" else v["status"]} for v in tables["eval_sets/versions"].to_pylist()]
    answers = [{**a, "status": "timeout" if a["item_id"] == "f2" else a["status"]} for a in tables["responses/answers"].to_pylist()]
    tables["eval_sets/versions"], tables["responses/answers"] = filled("eval_sets/versions", versions), filled("responses/answers", answers)
    assert {r["unit_id"] for r in rows(units_of(0, tables), "frozen")} == set(FROZEN) - {"f1", "f2"}


def test_contamination_is_of_item_and_release() -> None:
    tables = week_tables(0, "r1", new=["r1", "r2"])
    hit = {"version": "frozen", "item_id": "f3", "release_id": "r2", "detector": "ngram_corpus"}
    tables["eval_sets/contamination"] = filled("eval_sets/contamination", [hit, {**hit, "detector": "ngram_prompt"}])
    units = units_of(0, tables)
    assert sum(r["contaminated"] for r in rows(units, "frozen", "r1")) == 0
    assert [r["unit_id"] for r in rows(units, "frozen", "r2") if r["contaminated"]] == ["f3"]


def test_a_release_is_seen_through_its_last_live_weeks() -> None:
    """r1 serves weeks 0, 1, 2, then r2: r1 keeps its last two live weeks, the frozen answers stay for good."""
    units = units_of(0, week_tables(0, "r1", new=["r1"]))
    for number, release in ((1, "r1"), (2, "r1"), (3, "r2"), (4, "r2")):
        tables = week_tables(number, release, previous=units, new=["r2"] if number == 3 else [])
        # frozen items stand in the first week's partition, which every week reads
        units = units_of(number, tables)
    for release, weeks in (("r1", {1, 2}), ("r2", {3, 4})):
        for population in ("living", "traffic"):
            assert {r["unit_week"] for r in rows(units, population, release)} == {monday(w) for w in weeks}
        assert {r["unit_week"] for r in rows(units, "frozen", release)} == {monday(0 if release == "r1" else 3)}
        assert len(rows(units, "frozen", release)) == 4
    assert set(units["week"].to_pylist()) == {monday(4)}
    assert violations(ITEM_SCORES, units) == {}


def test_a_recomputed_week_replaces_what_was_carried() -> None:
    units = units_of(0, week_tables(0, "r1", new=["r1"]))
    assert units_of(0, week_tables(0, "r1", previous=units, new=["r1"])).equals(units)


def test_the_newest_rater_error_corrects_old_labels() -> None:
    units = units_of(0, week_tables(0, "r1", new=["r1"]))
    tables = week_tables(1, "r1", previous=units)
    better = [{**c, "sensitivity": 1.0, "specificity": 0.9} for c in tables["labels/consensus"].to_pylist()]
    tables["labels/consensus"] = filled("labels/consensus", better)
    old = rows(units_of(1, tables), "frozen")[0]
    assert (old["sensitivity"], old["specificity"]) == (1.0, 0.9)
    assert old["label"] == pytest.approx((1 - 0.1) / 0.9)


def test_an_item_without_a_label_keeps_the_plan_of_its_group_and_others_their_own() -> None:
    tables = week_tables(0, "r1", new=["r1"])
    answers = [a for a in tables["responses/answers"].to_pylist() if a["version"] == "frozen"]
    planned = [{**label(a), "label_probability": p} for a, p in zip(answers[:3], (0.2, 0.4, 0.8), strict=True)]
    tables["labels/consensus"] = filled("labels/consensus", planned)
    units = units_of(0, tables)
    assert [r["label_probability"] for r in rows(units, "frozen")] == [0.2, 0.4, 0.8, 0.8]
    assert {r["label_probability"] for r in rows(units, "living")} == {None}


def test_a_week_without_anything_carries_what_was_known() -> None:
    assert units_of(0, empty()).num_rows == 0
    units = units_of(0, week_tables(0, "r1", new=["r1"]))
    quiet = empty() | {"scorecards/item_scores": units, "releases/registry": week_tables(0, "r1")["releases/registry"]}
    carried = units_of(1, quiet)
    assert carried.drop_columns(["week"]).equals(units.drop_columns(["week"]))
    assert published(carried, quiet["releases/registry"], monday(1)) == []


def test_row_order_does_not_matter() -> None:
    tables = week_tables(0, "r1", new=["r1", "r2"])
    order = np.random.default_rng(0)
    shuffled = {p: t.take(order.permutation(t.num_rows)) for p, t in tables.items()}
    assert units_of(0, shuffled).equals(units_of(0, tables))
