"""Traffic summed by chunks says what a matrix of rows and replicates would; the north star is corrected for who answers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.scorecards import traffic as module
from liveeval_assets.scorecards.outcome_model import MIN_SEEN, with_outcomes
from liveeval_assets.scorecards.traffic import open_traffic
from liveeval_assets.shared.stats import replicate_weights
from tests.scorecards.tables import filled

B = 25


def traffic(n: int, seed: int = 0, *, mnar: float = 0.0) -> tuple[pa.Table, float]:
    """Users answer by tenure, stratum (and, with mnar, by the outcome); returns item_scores and the mean outcome of all."""
    g = np.random.default_rng(seed)
    stratum, u, users = g.integers(0, 3, n), g.normal(size=n), g.integers(0, n // 2, n)
    y = (g.random(n) < 1 / (1 + np.exp(-(0.2 + u + 0.5 * stratum)))).astype(float)
    seen = g.random(n) < 1 / (1 + np.exp(-(-0.5 + u + 0.4 * stratum + mnar * y)))
    weight = 1 + g.random(n)
    rows = [
        {
            "population": "traffic",
            "release_id": "r1",
            "unit_id": f"c{i}",
            "cluster": f"u{users[i]}",
            "stratum_id": f"s{stratum[i]}",
            "weight": weight[i],
            "y": y[i] if seen[i] else None,
            "observed": float(seen[i]),
            "covariates": [u[i]],
        }
        for i in range(n)
    ]
    other = [{**r, "release_id": "r2", "unit_id": f"x{i}"} for i, r in enumerate(rows[:30])]
    return filled("scorecards/item_scores", [*rows, *other]), float(np.average(y, weights=weight))


def numbers(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=float)


def test_chunks_are_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    table = with_outcomes(traffic(500)[0], 1)
    monkeypatch.setattr(module, "_CHUNK", 64)
    found = open_traffic(table, "r1", replicates=B, seed=1)
    mine = table.slice(0, 500)
    r = replicate_weights(mine["cluster"].to_pylist(), 1, B) * numbers(mine, "weight")
    seen, y, mu, e = numbers(mine, "observed"), np.nan_to_num(numbers(mine, "y")), numbers(mine, "mu"), numbers(mine, "propensity")
    assert found.seen_mean() == pytest.approx((r * seen * y).sum(axis=1) / (r * seen).sum(axis=1))
    assert found.adjusted_mean() == pytest.approx((r * (mu + seen / e * (y - mu))).sum(axis=1) / r.sum(axis=1))
    stratum = np.asarray(mine["stratum_id"].to_pylist())
    wanted = np.column_stack([r[:, stratum == s].sum(axis=1) for s in ("s0", "s2")])
    assert found.shares(np.array(["s0", "s2"])) == pytest.approx(wanted / wanted.sum(axis=1, keepdims=True))
    weight = numbers(mine, "weight")[seen == 1]
    assert found.n_eff("seen") == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert (found.n("all"), found.n("seen"), found.n_users) == (500, int(seen.sum()), len(set(mine["cluster"].to_pylist())))


def test_a_stratum_is_the_same_alone() -> None:
    table = with_outcomes(traffic(400)[0], 1)
    all_of_it = open_traffic(table, "r1", replicates=B, seed=1)
    one = all_of_it.take(["s1"])
    alone = table.take([i for i, r in enumerate(table.to_pylist()) if r["stratum_id"] == "s1"])
    assert one.seen_mean() == pytest.approx(open_traffic(alone, "r1", replicates=B, seed=1).seen_mean())
    assert one.n("all") < all_of_it.n("all")
    assert one.shares(np.array(["s0", "s1"]))[0] == pytest.approx([0, 1])


def test_answering_at_random_given_tenure_is_corrected() -> None:
    raw, corrected = [], []
    for seed in range(12):
        table, truth = traffic(2000, seed)
        found = open_traffic(with_outcomes(table, seed), "r1", replicates=B, seed=1)
        raw.append(found.seen_mean()[0] - truth)
        corrected.append(found.adjusted_mean()[0] - truth)
    assert np.mean(raw) > 0.08
    assert abs(np.mean(corrected)) < 0.008


def test_answering_by_the_outcome_is_inside_the_tilt_band_only() -> None:
    """No correction by what is known of users helps; the band is there for it."""
    table, truth = traffic(6000, 3, mnar=1.0)
    found = open_traffic(with_outcomes(table, 3), "r1", replicates=B, seed=1)
    error = truth - float(found.adjusted_mean()[0])
    assert error < -0.03
    assert found.tilt[0] - 0.01 < error < found.tilt[1]
    assert found.tilt[0] < 0 < found.tilt[1]


def test_propensity_and_prediction_stay_in_range_and_within_the_release() -> None:
    table = with_outcomes(traffic(300)[0], 1)
    propensity = numbers(table, "propensity")
    assert propensity.min() >= 0.02
    assert propensity.max() <= 1
    changed = table.to_pylist()
    for row in changed[300:]:
        row["y"] = 1.0 if row["observed"] else None
    again = with_outcomes(filled("scorecards/item_scores", changed), 1)
    assert np.array_equal(numbers(again, "mu")[:300], numbers(table, "mu")[:300])


def test_immature_conversations_are_not_counted_as_silent() -> None:
    table, _ = traffic(300)
    rows = table.to_pylist()
    for row in rows[:100]:
        row["observed"], row["y"] = None, None
    found = open_traffic(with_outcomes(filled("scorecards/item_scores", rows), 1), "r1", replicates=B, seed=1)
    assert found.mature_share == pytest.approx(2 / 3)
    assert found.n("mature") == 200
    assert found.n_eff("mature") <= 200


def test_a_newest_week_that_is_not_mature_is_not_outweighed_by_older_ones() -> None:
    rows = traffic(300)[0].to_pylist()[:300]
    for i, row in enumerate(rows):
        row["unit_week"] = date(2026, 6, 8) if i < 10 else date(2026, 6, 1)
        if i < 10:
            row["observed"], row["y"] = None, None
    found = open_traffic(with_outcomes(filled("scorecards/item_scores", rows), 1), "r1", replicates=B, seed=1)
    assert found.mature_share == 0.0


@pytest.mark.parametrize("n_seen", [0, MIN_SEEN - 1])
def test_too_few_outcomes_are_not_modelled(n_seen: int) -> None:
    rows = traffic(200)[0].to_pylist()[:200]
    for i, row in enumerate(rows):
        row["observed"], row["y"] = float(i < n_seen), 1.0 if i < n_seen else None
    found = open_traffic(with_outcomes(filled("scorecards/item_scores", rows), 1), "r1", replicates=B, seed=1)
    assert not found.has_model
    assert found.tilt == (0.0, 0.0)


def test_everybody_answers() -> None:
    rows = traffic(200)[0].to_pylist()[:200]
    for row in rows:
        row["observed"], row["y"] = 1.0, row["y"] or 0.0
    found = open_traffic(with_outcomes(filled("scorecards/item_scores", rows), 1), "r1", replicates=B, seed=1)
    assert found.adjusted_mean() == pytest.approx(found.seen_mean())
