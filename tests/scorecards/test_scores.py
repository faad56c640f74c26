"""Each measure by hand, one headline with its reason, and floors that keep thin numbers in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.published import RefuterRates
from liveeval_assets.scorecards.quality import with_quality
from liveeval_assets.scorecards.scores import ALL, Floors, build_scores
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.worlds.ladder import WEEK, Size, draw_world, sample
from tests.worlds.mutations import replaced, unlabelled

FLOORS = Floors(labels=40, items=15, users=10)
KNOWN = RefuterRates(0.75, 0.03, 0.08, 0.01)
Rows = Mapping[tuple[str, str, str], dict[str, Any]]


def half_sealed(table: pa.Table) -> pa.Table:
    """Every second item is sealed, traffic belongs to no split."""
    split = ["" if p == "traffic" else ("open", "sealed")[i % 2] for i, p in enumerate(table["population"].to_pylist())]
    return replaced(table, "split", split)


def scores(table: pa.Table, **changes: Any) -> list[dict[str, Any]]:
    wanted: dict[str, Any] = {"week": WEEK, "releases": ["r3"], "floors": FLOORS, "refuter": KNOWN, "past_scores": None, "inputs": ["x@1"]}
    found = build_scores(with_outcomes(with_quality(table, 1), 1), **{**wanted, "replicates": 40, "seed": 1, **changes})
    assert violations(TABLES["scorecards/scores"], found) == {}
    return found.to_pylist()


def by_key(rows: list[dict[str, Any]]) -> Rows:
    return {(r["stratum_id"], r["population"], r["measure"]): r for r in rows}


@pytest.fixture(scope="module")
def units() -> pa.Table:
    return half_sealed(sample(draw_world(3), 3, Size(items=200, traces=600, label_rate=0.5)))


@pytest.fixture(scope="module")
def found(units: pa.Table) -> Rows:
    return by_key(scores(units))


def sealed(units: pa.Table) -> list[dict[str, Any]]:
    mine = pc.and_(pc.equal(units["release_id"], "r3"), pc.and_(pc.equal(units["population"], "living"), pc.equal(units["split"], "sealed")))
    return units.filter(mine).to_pylist()


def test_judge_measures_by_hand(units: pa.Table, found: Rows) -> None:
    rows = sealed(units)
    weight = np.array([r["weight"] for r in rows])
    wanted = {
        "naive": [r["J1"] for r in rows],
        "agreed": [r["J1"] == r["J2"] == 1 for r in rows],
        "panel": [r["V"] == 1 for r in rows],
    }
    for measure, hits in wanted.items():
        row = found[ALL, "living", measure]
        assert row["estimate"] == pytest.approx(np.average(np.array(hits, dtype=float), weights=weight))
        assert (row["n"], row["n_eff"]) == (len(rows), pytest.approx(weight.sum() ** 2 / (weight**2).sum()))
        assert 0 <= row["lo"] < row["estimate"] < row["hi"] <= 1
    # the frozen measures rest on all of the set, not on its sealed part
    assert found[ALL, "frozen", "naive"]["n"] == 200


def test_outcomes_by_hand(units: pa.Table, found: Rows) -> None:
    traffic = units.filter(pc.and_(pc.equal(units["release_id"], "r3"), pc.equal(units["population"], "traffic")))
    assert found[ALL, "traffic", "north_star"]["estimate"] == pytest.approx(pc.mean(traffic["y"]).as_py())
    assert found[ALL, "traffic", "north_star"]["n"] == len(traffic) - traffic["y"].null_count
    assert found[ALL, "traffic", "north_star_ipw"]["n"] == len(traffic)


def test_survivors_are_corrected_for_the_refuters_errors() -> None:
    """The panel passes half of the bad answers; a refuter of known rates brings the share of good passes back."""
    g = np.random.default_rng(5)
    units = sample(draw_world(1), 1, Size(items=4000, traces=300))
    good = g.random(units.num_rows) < 0.5
    V = np.where(good, 1.0, (g.random(units.num_rows) < 0.5).astype(float))
    Z = np.where(V == 1, (g.random(units.num_rows) < np.where(good, 0.08, 0.75)).astype(float), np.nan)
    units = replaced(replaced(replaced(units, "V", V), "Z1", Z), "weight", np.ones(units.num_rows))
    table = replaced(units, "split", ["" if p == "traffic" else "sealed" for p in units["population"].to_pylist()])
    rows, raw = by_key(scores(table)), by_key(scores(table, refuter=None))
    assert abs(rows[ALL, "living", "audited"]["estimate"] - 0.5) < 2.5 * rows[ALL, "living", "audited"]["se"]
    assert raw[ALL, "living", "audited"]["estimate"] == pytest.approx(0.5 * 0.92 + 0.25 * 0.25, abs=0.03)
    assert raw[ALL, "living", "audited"]["failed_assumptions"] == ["refuter_rates_unknown"]
    assert rows[ALL, "living", "audited"]["failed_assumptions"] == []
    # a refuter that is hardly better than chance corrects nothing
    blunt = by_key(scores(table, refuter=RefuterRates(0.6, 0.1, 0.3, 0.1)))
    assert blunt[ALL, "living", "audited"]["estimate"] == raw[ALL, "living", "audited"]["estimate"]
    unsure = by_key(scores(table, refuter=replace(KNOWN, catch_se=0.08)))
    assert unsure[ALL, "living", "audited"]["se"] > rows[ALL, "living", "audited"]["se"]


@pytest.mark.parametrize("refuter", [KNOWN, None])
def test_attacked_passes_stand_in_for_those_whose_attack_failed(units: pa.Table, refuter: RefuterRates | None) -> None:
    """A failed attack is neither a survivor nor a refutation: the share of survivors does not move, whatever share is lost."""
    z = units["Z1"].to_pylist()
    lost = np.array([None if i % 4 == 1 else v for i, v in enumerate(z)], dtype=float)
    whole, half = (by_key(scores(replaced(units, "Z1", column), refuter=refuter))[ALL, "living", "audited"] for column in (np.array(z, float), lost))
    assert half["estimate"] == pytest.approx(whole["estimate"], abs=3 * half["se"])
    # but they are not believed to be alike where many are lost, and carry no evidence
    assert ("attacks_incomplete" in half["failed_assumptions"], "attacks_incomplete" in whole["failed_assumptions"]) == (True, False)
    assert half["n"] < whole["n"]
    none = by_key(scores(replaced(units, "Z1", np.full(len(z), np.nan)), refuter=refuter))
    assert (ALL, "living", "audited") not in none
    failing = by_key(scores(replaced(replaced(units, "Z1", np.full(len(z), np.nan)), "V", np.zeros(len(z))), refuter=refuter))
    assert failing[ALL, "living", "audited"]["estimate"] == 0
    # nobody is sure of it
    assert failing[ALL, "living", "audited"]["hi"] > 0 == failing[ALL, "living", "audited"]["lo"]


@pytest.mark.parametrize("value", [0.0, 0.3, 0.7, 1.0])
def test_outcomes_that_are_all_alike_are_not_certain(units: pa.Table, value: float) -> None:
    y = np.where(np.asarray(units["observed"].to_numpy(zero_copy_only=False), dtype=float) == 1, value, np.nan)
    row = by_key(scores(replaced(units, "y", y)))[ALL, "traffic", "north_star"]
    assert row["estimate"] == pytest.approx(value)
    assert row["hi"] - row["lo"] > 0.005
    assert row["se"] > 0.001


def test_the_headline_is_corrected_by_people_if_labels_suffice(units: pa.Table, found: Rows) -> None:
    headlines = [k for k, r in found.items() if r["is_headline"]]
    assert headlines == [(ALL, "living", "corrected")]
    row = found[ALL, "living", "corrected"]
    assert row["n_labels"] == sum(r["label_y"] is not None for r in sealed(units)) >= FLOORS.labels
    assert str(row["n_labels"]) in row["headline_reason"]
    assert row["failed_assumptions"] == ["rater_error_unknown"]


@pytest.mark.parametrize(("refuter", "headline"), [(KNOWN, [(ALL, "living", "audited")]), (None, [])])
def test_without_labels_survivors_lead_if_the_refuter_is_known(units: pa.Table, refuter: RefuterRates | None, headline: list[Any]) -> None:
    rows = by_key(scores(unlabelled(units), refuter=refuter))
    assert [k for k, r in rows.items() if r["is_headline"]] == headline
    assert not [k for k in rows if k[2] == "corrected"]
    reason = rows[ALL, "living", "audited"]["headline_reason"]
    assert "0 labels" in reason
    assert ("not known" in reason) == (refuter is None)


def test_a_measure_is_the_headline_at_its_floor_only(units: pa.Table, found: Rows) -> None:
    n = found[ALL, "living", "corrected"]["n_labels"]
    for floor, measure in ((n, "corrected"), (n + 1, "audited")):
        rows = by_key(scores(units, floors=replace(FLOORS, labels=floor)))
        assert [k[2] for k, r in rows.items() if r["is_headline"]] == [measure]


def test_strata_are_published_above_both_floors_only(units: pa.Table) -> None:
    rows = by_key(scores(units))
    strata = {k[0] for k in rows} - {ALL}
    assert strata
    assert all(r["n"] >= FLOORS.items for k, r in rows.items() if k[0] != ALL)
    assert not any(r["is_headline"] for k, r in rows.items() if k[0] != ALL)
    one = by_key(scores(units, floors=replace(FLOORS, items=1)))
    naive = [one[s, "frozen", "naive"] for s in sorted({k[0] for k in one} - {ALL})]
    assert np.average([r["estimate"] for r in naive], weights=[r["n"] for r in naive]) == pytest.approx(rows[ALL, "frozen", "naive"]["estimate"])
    few = replaced(units, "cluster", [f"u{i % 9}" if p == "traffic" else c for i, (p, c) in enumerate(zip(*columns(units), strict=True))])
    assert {k[0] for k in by_key(scores(few))} == {ALL}


def columns(units: pa.Table) -> tuple[list[str], list[str]]:
    return units["population"].to_pylist(), units["cluster"].to_pylist()


def test_a_scorecard_is_provisional_until_outcomes_are_mature(units: pa.Table) -> None:
    assert {r["status"] for r in scores(units)} == {"FINAL"}
    traffic = np.flatnonzero(np.array(columns(units)[0]) == "traffic")
    observed = units["observed"].to_numpy(zero_copy_only=False).copy()
    observed[traffic[::10]] = np.nan
    assert {r["status"] for r in scores(replaced(units, "observed", observed))} == {"PROVISIONAL"}


def test_past_scores_have_no_interval(units: pa.Table) -> None:
    rows = [r for r in scores(units, past_scores='{"r1": 0.8, "r0": 0.75}') if r["measure"] == "past_score"]
    assert [(r["release_id"], r["estimate"], r["lo"], r["failed_assumptions"]) for r in rows] == [
        ("r0", 0.75, None, ["interval_unknown"]),
        ("r1", 0.8, None, ["interval_unknown"]),
    ]


def test_what_it_rests_on_stands_in_every_row(units: pa.Table) -> None:
    assert all(r["inputs"] == ["x@1"] for r in scores(units))
