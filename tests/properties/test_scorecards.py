"""What holds of the ladder for every input, however odd: it adds up, it never invents, it depends on content alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liveeval_assets.scorecards.gap import BAR_OF, build_gap
from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.quality import with_quality
from liveeval_assets.scorecards.scores import Floors, build_scores
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.worlds.ladder import WEEK, Size, draw_world, sample
from tests.worlds.mutations import replaced

CASES = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
HOLES = ("J1", "J2", "V", "Z1", "ell", "f", "label_y", "y", "observed")
FLOORS = Floors(labels=20, items=5, users=3)


@st.composite
def damaged_units(draw: st.DrawFn) -> pa.Table:
    """Units of a small world, thinned out by population and release, with values missing here and there."""
    seed = draw(st.integers(0, 10_000))
    table = sample(draw_world(seed, draw(st.sampled_from(["linear", "noisy", "informative"]))), seed, Size(items=40, traces=60, label_rate=0.6))
    g = np.random.default_rng(seed)
    keep = np.ones(table.num_rows, dtype=bool)
    groups = np.char.add(np.asarray(table["population"].to_pylist(), dtype=str), np.asarray(table["release_id"].to_pylist(), dtype=str))
    for group in sorted(set(groups)):
        keep &= (groups != group) | (g.random(table.num_rows) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])))
    table = table.filter(pa.array(keep))
    for name in draw(st.sets(st.sampled_from(HOLES))):
        gone = g.random(table.num_rows) < draw(st.sampled_from([0.2, 0.9, 1.0]))
        table = _without(table, name, gone)
        for name_2 in {"label_y": ("label",), "observed": ("y",)}.get(name, ()):
            table = _without(table, name_2, gone)
    return table


def _without(table: pa.Table, name: str, gone: np.ndarray) -> pa.Table:
    return replaced(table, name, np.where(gone, np.nan, table[name].to_numpy(zero_copy_only=False).astype(float)))


def fitted(table: pa.Table) -> pa.Table:
    return with_outcomes(with_quality(table, 1), 1)


def gap(table: pa.Table) -> pa.Table:
    return build_gap(fitted(table), week=WEEK, releases=["r1", "r3"], reference="r1", replicates=8, seed=1)


@CASES
@given(damaged_units())
def test_the_gap_adds_up_and_null_has_a_reason(table: pa.Table) -> None:
    found = gap(table)
    assert violations(TABLES["scorecards/gap"], found) == {}
    lines: dict[tuple[str, str], dict[str, dict[str, object]]] = {}
    for row in found.to_pylist():
        lines.setdefault((row["release_id"], row["form"]), {})[row["component"]] = row
        assert (row["estimate"] is None) == (row["se"] is None) == (not row["is_identified"])
        assert row["is_identified"] or row["reason"]
        assert row["estimate"] is None or np.isfinite([row["estimate"], row["se"], row["lo"], row["hi"]]).all()
    for parts in lines.values():
        total = sum(float(parts[n]["estimate"] or 0.0) for n in (*BAR_OF, "not_identified"))  # type: ignore[arg-type]
        assert abs(total - float(parts["gap"]["estimate"])) < 1e-9  # type: ignore[arg-type]


@CASES
@given(damaged_units())
def test_scores_are_finite_and_have_one_headline_at_most(table: pa.Table) -> None:
    releases = sorted({r for r, p in zip(table["release_id"].to_pylist(), table["population"].to_pylist(), strict=True) if p == "traffic"})
    table = replaced(table, "split", ["" if p == "traffic" else ("open", "sealed")[i % 2] for i, p in enumerate(table["population"].to_pylist())])
    found = build_scores(fitted(table), week=WEEK, releases=releases, floors=FLOORS, refuter=None, past_scores=None, inputs=[], replicates=8, seed=1)
    assert violations(TABLES["scorecards/scores"], found) == {}
    rows = found.to_pylist()
    for row in rows:
        assert np.isfinite([row["estimate"], row["se"], row["lo"], row["hi"], row["n_eff"]]).all()
        assert row["stratum_id"] == "ALL" or row["n"] >= FLOORS.items
    for release in releases:
        assert sum(r["is_headline"] for r in rows if r["release_id"] == release) <= 1


@CASES
@given(damaged_units(), st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(table: pa.Table, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(table.num_rows)
    for one, two in zip(gap(table).to_pylist(), gap(table.take(order)).to_pylist(), strict=True):
        assert one["component"] == two["component"]
        assert (one["estimate"] is None) == (two["estimate"] is None)
        if one["estimate"] is not None:
            assert abs(one["estimate"] - two["estimate"]) < 1e-8
            assert abs(one["se"] - two["se"]) < 1e-8


def test_nothing_gives_nothing() -> None:
    empty = TABLES["scorecards/item_scores"].empty()
    assert fitted(empty).num_rows == 0
    assert gap(empty).num_rows == 0
    found = build_scores(fitted(empty), week=WEEK, releases=[], floors=FLOORS, refuter=None, past_scores=None, inputs=[], replicates=8, seed=1)
    assert found.num_rows == 0
