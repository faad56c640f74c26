from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, kstest

from liveeval_assets.shared.stats import effective_size, replicate_normals, replicate_weights, weighted_mean, wilson


def test_replicate_weights_are_exponential_and_independent() -> None:
    drawn = replicate_weights([f"user {i}" for i in range(400)], 7, 300)
    assert np.array_equal(drawn[0], np.ones(400))
    assert kstest(drawn[1:].ravel(), "expon").pvalue > 0.01
    assert (drawn[1:] > 0).all()
    between = np.corrcoef(drawn[1:].T)[np.triu_indices(400, 1)]
    along = np.corrcoef(drawn[1:-1].ravel(), drawn[2:].ravel())[0, 1]
    # correlations of independent columns have mean 0 and variance 1 / replicates
    assert abs(between.mean()) < 5 / np.sqrt(300 * len(between))
    assert between.var() == pytest.approx(1 / 300, rel=0.1)
    assert abs(along) < 0.02


def test_a_cluster_has_its_weights_wherever_it_stands() -> None:
    one, two = replicate_weights(["a", "b", "a"], 1, 20), replicate_weights(["c", "a"], 1, 20)
    assert np.array_equal(one[:, 0], one[:, 2])
    assert np.array_equal(one[:, 0], two[:, 1])
    assert not np.allclose(one[1:, 0], one[1:, 1])
    assert not np.allclose(one[1:], replicate_weights(["a", "b", "a"], 2, 20)[1:])
    # more replicates extend the stream
    assert np.array_equal(replicate_weights(["a"], 1, 30)[:21], one[:, :1])


def test_replicates_give_the_standard_error_of_a_mean_of_clusters() -> None:
    """Users ask several times: the spread over replicates is that of independent users, not of independent rows."""
    generator = np.random.default_rng(3)
    users = np.repeat(np.arange(150), 6)
    values = generator.normal(size=150)[users] + 0.3 * generator.normal(size=900)
    r = replicate_weights([str(u) for u in users], 1, 1000)
    se = weighted_mean(r, values)[1:].std(ddof=1)
    by_user = values.reshape(150, 6).mean(axis=1)
    assert se == pytest.approx(by_user.std(ddof=1) / np.sqrt(150), rel=0.1)


def test_replicate_normals() -> None:
    drawn = replicate_normals("x", 1, 4000)
    assert drawn[0] == 0
    assert kstest(drawn[1:], "norm").pvalue > 0.01
    assert not np.allclose(drawn[1:], replicate_normals("y", 1, 4000)[1:])


def test_weighted_mean_by_hand() -> None:
    weights = np.array([[1.0, 3.0], [0.0, 0.0]])
    assert weighted_mean(weights, np.array([1.0, 2.0]))[0] == pytest.approx(1.75)
    assert np.isnan(weighted_mean(weights, np.array([1.0, 2.0]))[1])
    assert weighted_mean(weights[:1], np.array([[2.0, 4.0]]))[0] == pytest.approx(3.5)


def test_effective_size() -> None:
    assert effective_size(np.full(50, 3.0)) == pytest.approx(50)
    assert effective_size(np.array([1.0, 0.0])) == pytest.approx(1)
    assert effective_size(np.array([])) == 0


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (45, 200)])
def test_wilson_is_scipys(k: int, n: int) -> None:
    wanted = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
    assert wilson(0, 0) == (0.0, 1.0)
