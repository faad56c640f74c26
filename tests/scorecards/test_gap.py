"""What is not identified is said, never invented; what is carried over to another line is said too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liveeval_assets.scorecards.gap import BAR_OF, build_gap
from liveeval_assets.scorecards.ladder import HOLDS_FAMILY, NO_COVER, NO_FAMILY, NO_FROZEN, NO_LABELS, NO_LENGTH, NO_LIVING, NO_OUTCOMES
from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.quality import with_quality
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.worlds.ladder import RELEASES, WEEK, Size, draw_world, sample
from tests.worlds.mutations import replaced, unlabelled

Lines = dict[tuple[str, str], dict[str, Any]]
SET = ("contamination", "mix", "within", "uncovered")


@pytest.fixture(scope="module")
def units() -> pa.Table:
    return sample(draw_world(3), 3, Size(items=150, traces=500, label_rate=0.5))


def gap(table: pa.Table, release: str = "r3", reference: str = "r1") -> Lines:
    found = build_gap(with_outcomes(with_quality(table, 1), 1), week=WEEK, releases=[release], reference=reference, replicates=20, seed=1)
    assert violations(TABLES["scorecards/gap"], found) == {}
    lines = {(r["form"], r["component"]): r for r in found.to_pylist()}
    for form in {form for form, _ in lines}:
        parts = [lines[form, n]["estimate"] or 0.0 for n in (*BAR_OF, "not_identified")]
        assert sum(parts) == pytest.approx(lines[form, "gap"]["estimate"], abs=1e-9)
        bars = [lines[form, n]["estimate"] or 0.0 for n in ("bar_judge", "bar_test_set", "construct", "selection", "not_identified")]
        assert sum(bars) == pytest.approx(lines[form, "gap"]["estimate"], abs=1e-9)
    return lines


def unidentified(lines: Lines, form: str = "level") -> dict[str, str]:
    return {n: r["reason"] for (f, n), r in lines.items() if f == form and not r["is_identified"] and not n.startswith("bar_")}


def drop(table: pa.Table, **where: str) -> pa.Table:
    hit = pa.array(np.logical_and.reduce([np.asarray(table[n].to_pylist()) == v for n, v in where.items()]))
    return table.filter(pc.invert(hit))


def test_all_is_identified_where_all_is_there(units: pa.Table) -> None:
    lines = gap(units)
    for form in ("level", "growth"):
        assert unidentified(lines, form) == {}
        # exactly zero: the page shows a grey bar for anything else
        assert (lines[form, "not_identified"]["estimate"], lines[form, "not_identified"]["se"]) == (0.0, 0.0)
        assert lines[form, "bar_judge"]["reason"] is None


def test_a_clean_set_has_no_contamination_not_even_of_rounding(units: pa.Table) -> None:
    lines = gap(replaced(units, "contaminated", np.where(np.isnan(_floats(units, "contaminated")), np.nan, 0.0)))
    for form in ("level", "growth"):
        row = lines[form, "contamination"]
        assert (row["estimate"], row["se"], row["lo"], row["hi"]) == (0.0, 0.0, 0.0, 0.0)


def _floats(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=float)


def test_a_release_outside_the_judges_family_gets_nothing_from_it(units: pa.Table) -> None:
    row = gap(units, "r1", "r1")["level", "self_pref"]
    assert (row["estimate"], row["se"], row["is_identified"]) == (0.0, 0.0, True)


def test_the_reference_has_no_growth(units: pa.Table) -> None:
    assert {form for form, _ in gap(units, "r1", "r1")} == {"level"}
    assert {form for form, _ in gap(units, "r3", "gone")} == {"level"}


def test_without_labels(units: pa.Table) -> None:
    lines = gap(unlabelled(units))
    found = unidentified(lines)
    assert found == {**dict.fromkeys(("verbosity", "self_pref", "false_pass", "false_fail", *SET), NO_LABELS), "construct": NO_LIVING}
    assert lines["level", "bar_judge"]["reason"] == "holds only position"
    assert lines["level", "bar_test_set"]["estimate"] is None
    whole = lines["level", "gap"]["estimate"] - lines["level", "position"]["estimate"] - lines["level", "selection"]["estimate"]
    assert lines["level", "not_identified"]["estimate"] == pytest.approx(whole)


def test_labels_of_the_frozen_set_alone(units: pa.Table) -> None:
    bare = units.to_pylist()
    for row in bare:
        if row["population"] == "living":
            row["label"] = row["label_y"] = row["label_probability"] = None
    lines = gap(TABLES["scorecards/item_scores"].rows(bare))
    assert unidentified(lines) == dict.fromkeys((*SET, "construct"), NO_LIVING)
    assert lines["level", "false_fail"]["is_identified"]


def test_labels_of_living_items_alone(units: pa.Table) -> None:
    bare = units.to_pylist()
    for row in bare:
        if row["population"] == "frozen":
            row["label"] = row["label_y"] = row["label_probability"] = None
    lines = gap(TABLES["scorecards/item_scores"].rows(bare))
    assert unidentified(lines) == dict.fromkeys(("verbosity", "self_pref", "false_pass", "false_fail", *SET), NO_LABELS)
    assert lines["level", "construct"]["is_identified"]


def test_one_family_only(units: pa.Table) -> None:
    lines = gap(replaced(units, "f", np.where(np.isnan(units["f"].to_numpy(zero_copy_only=False)), np.nan, 1.0)))
    assert unidentified(lines) == {"self_pref": NO_FAMILY}
    assert lines["level", "false_pass"]["reason"] == lines["growth", "false_pass"]["reason"] == HOLDS_FAMILY
    # nothing is lumped: the mass stands in false_pass
    assert lines["level", "not_identified"]["estimate"] == 0.0


def test_kinship_moves_into_false_pass_where_it_cannot_be_told(units: pa.Table) -> None:
    both, one = gap(units), gap(replaced(units, "f", np.where(np.isnan(units["f"].to_numpy(zero_copy_only=False)), np.nan, 1.0)))
    assert both["level", "bar_judge"]["estimate"] == pytest.approx(one["level", "bar_judge"]["estimate"], abs=0.01)


def test_answers_of_one_length(units: pa.Table) -> None:
    ell = np.where(np.isnan(units["ell"].to_numpy(zero_copy_only=False)), np.nan, 0.0)
    assert unidentified(gap(replaced(units, "ell", ell))) == {"verbosity": NO_LENGTH}


def test_a_logged_only_release(units: pa.Table) -> None:
    """Nothing was replayed: the score is that of the sealed living items, and old against new cannot be compared."""
    places = np.arange(units.num_rows)
    units = replaced(units, "split", np.where(places % 3 == 0, "open", np.asarray(units["split"].to_pylist())).tolist())
    lines = gap(drop(units, population="frozen"))
    assert unidentified(lines) == dict.fromkeys(SET, NO_FROZEN)
    assert {n for n in ("position", "false_fail", "construct", "selection") if lines["level", n]["is_identified"]} == {
        "position",
        "false_fail",
        "construct",
        "selection",
    }
    mine = units.filter(pc.and_(pc.equal(units["release_id"], "r3"), pc.and_(pc.equal(units["population"], "living"), pc.equal(units["split"], "sealed"))))
    assert 0 < mine.num_rows < 150
    weight, first, second = (np.asarray(mine[n]) for n in ("weight", "J1", "J2"))
    assert lines["level", "position"]["estimate"] == pytest.approx(np.average((first - second) / 2, weights=weight))


def test_only_the_reference_is_logged(units: pa.Table) -> None:
    lines = gap(drop(units, population="frozen", release_id="r1"))
    assert unidentified(lines) == {}
    assert unidentified(lines, "growth") == dict.fromkeys(SET, f"of the reference release: {NO_FROZEN}")


def test_every_frozen_item_leaked(units: pa.Table) -> None:
    frozen = np.asarray(units["population"].to_pylist()) == "frozen"
    assert unidentified(gap(replaced(units, "contaminated", np.where(frozen, 1.0, 0.0)))) == dict.fromkeys(SET, NO_COVER)


def test_too_few_outcomes(units: pa.Table) -> None:
    observed = units["observed"].to_numpy(zero_copy_only=False).copy()
    observed[np.flatnonzero(observed == 1)[8:]] = 0
    # the reference's outcomes went with them
    lines = gap(replaced(units, "observed", observed), "r1", "r1")
    assert unidentified(lines) == dict.fromkeys(("construct", "selection"), NO_OUTCOMES)


def test_no_gap_before_outcomes_are_mature(units: pa.Table) -> None:
    traffic = np.flatnonzero(np.asarray(units["population"].to_pylist()) == "traffic")
    for share, n_rows in ((0.04, True), (0.06, False)):
        observed = units["observed"].to_numpy(zero_copy_only=False).copy()
        g = np.random.default_rng(0)
        observed[g.permutation(traffic)[: int(share * len(traffic))]] = np.nan
        assert bool(gap(replaced(units, "observed", observed), "r1", "r1")) == n_rows


def test_selection_says_what_silence_may_hide(units: pa.Table) -> None:
    lines = gap(units)
    for name in ("selection", "construct"):
        reason = lines["level", name]["reason"]
        low, high = sorted(float(x) for x in reason.split(" points if ")[0].split(" to "))
        assert low / 100 < lines["level", name]["estimate"] < high / 100
    # what is known of the sum is a point
    assert lines["growth", "selection"]["reason"] is None


def test_dropping_a_verdict_drops_the_answer_not_the_score(units: pa.Table) -> None:
    first = units["J1"].to_numpy(zero_copy_only=False).copy()
    mine = np.flatnonzero((np.asarray(units["release_id"].to_pylist()) == "r3") & (np.asarray(units["population"].to_pylist()) == "frozen"))
    first[mine[:10]] = np.nan
    clean = replaced(units, "contaminated", np.zeros(units.num_rows))
    lines = gap(replaced(clean, "J1", first))
    assert lines["level", "position"]["n"] == 140
    assert unidentified(lines) == {}
    # both sides of the rung rest on the same answers
    assert lines["level", "contamination"]["estimate"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("release", [r for r in RELEASES if r not in {"r1", "r3"}])
def test_a_release_without_traffic_has_no_gap(units: pa.Table, release: str) -> None:
    assert gap(units, release) == {}
