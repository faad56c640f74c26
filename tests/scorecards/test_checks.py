"""Each check passes on sound rows and fails on the one fault that it is there for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.scorecards import checks
from liveeval_assets.scorecards.gap import build_gap
from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.quality import with_quality
from liveeval_assets.tables import TABLES
from tests.scorecards.tables import filled
from tests.worlds.ladder import WEEK, Size, draw_world, sample
from tests.worlds.mutations import replaced

ALL = {c.name: c for c in (*checks.ITEM_SCORES_CHECKS, *checks.SCORES_CHECKS, *checks.GAP_CHECKS)}
Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def sound() -> Tables:
    units = with_outcomes(with_quality(sample(draw_world(3), 3, Size(items=100, traces=300, label_rate=0.5)), 1), 1)
    headlines = [{"release_id": r, "measure": m, "is_headline": m == "corrected"} for r in ("r1", "r3") for m in ("naive", "corrected")]
    return {
        "scorecards/item_scores": units,
        "scorecards/gap": build_gap(units, week=WEEK, releases=["r1", "r3"], reference="r1", replicates=10, seed=1),
        "scorecards/scores": filled("scorecards/scores", headlines),
        "releases/registry": filled("releases/registry", [{"release_id": r} for r in ("r1", "r3")]),
        "verdicts/controls": filled("verdicts/controls", [{"control_id": "planted"}]),
        "samples/assigned": filled("samples/assigned", [{"release_id": r} for r in ("r1", "r3")]),
    }


def change(tables: Tables, path: str, column: str, edit: Callable[[list[Any]], list[Any]]) -> Tables:
    return {**tables, path: replaced(tables[path], column, edit(tables[path][column].to_pylist()))}


FAULTS: dict[str, tuple[str, str, Callable[[list[Any]], list[Any]]]] = {
    "no_control_is_scored": ("scorecards/item_scores", "unit_id", lambda v: ["planted", *v[1:]]),
    "labels_have_probability": ("scorecards/item_scores", "label_probability", lambda v: [None] * len(v)),
    "weights_are_positive": ("scorecards/item_scores", "weight", lambda v: [0.0, *v[1:]]),
    "served_are_units": ("samples/assigned", "release_id", lambda v: ["other", *v[1:]]),
    "judge_beats_chance": ("scorecards/item_scores", "J1", lambda v: [None if x is None else float(i % 2) for i, x in enumerate(v)]),
    "one_headline": ("scorecards/scores", "is_headline", lambda v: [True] * len(v)),
    "served_are_scored": ("scorecards/scores", "release_id", lambda v: ["other"] * len(v)),
    "sums_to_gap": ("scorecards/gap", "estimate", lambda v: [v[0] + 1e-6, *v[1:]]),
}


@pytest.mark.parametrize("name", sorted(ALL))
def test_sound_rows_pass(name: str, sound: Tables) -> None:
    result = ALL[name].run(sound)
    assert result.passed
    assert result.mend == ""


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_fault_is_found(name: str, sound: Tables) -> None:
    result = ALL[name].run(change(sound, *FAULTS[name]))
    assert not result.passed
    assert result.mend
    assert result.counts


@pytest.mark.parametrize("path", ["scorecards/item_scores", "scorecards/gap"])
def test_nothing_to_check_passes(path: str, sound: Tables) -> None:
    empty = {**sound, path: TABLES[path].empty(), "samples/assigned": TABLES["samples/assigned"].empty()}
    assert all(c.run(empty).passed for c in ALL.values() if c.spec.path == path)


def test_a_lump_is_part_of_the_sum_and_bars_are_not(sound: Tables) -> None:
    bars = sound["scorecards/gap"].to_pylist()
    for row in bars:
        if row["component"].startswith("bar_"):
            row["estimate"] = 9.0
    assert ALL["sums_to_gap"].run({**sound, "scorecards/gap": TABLES["scorecards/gap"].rows(bars)}).passed


def test_discernment_is_measured_on_labels_not_on_verdicts_alone(sound: Tables) -> None:
    """TPR + TNR - 1 of the world's judge is about .6 before its other biases."""
    counts = ALL["judge_beats_chance"].run(sound).counts
    assert float(counts["TPR + TNR - 1"]) == pytest.approx(0.6, abs=4 * float(counts["se"]))
    few = sound["scorecards/item_scores"]
    thin = replaced(few, "label", np.where(np.arange(len(few)) < 5, few["label"].to_numpy(zero_copy_only=False), np.nan))
    assert ALL["judge_beats_chance"].run({**sound, "scorecards/item_scores": thin}).passed


def test_only_the_warning_does_not_block() -> None:
    assert {c.name for c in ALL.values() if not c.is_blocking} == {"judge_beats_chance"}
