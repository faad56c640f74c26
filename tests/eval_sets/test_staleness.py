"""ESS, uncovered share and distance on shares worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.eval_sets.manifests import build_manifests
from liveeval_assets.eval_sets.staleness import build_staleness, jensen_shannon, staleness
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.eval_sets.build import WEEK, version_row


def _found(items: str, traffic: str, n_far: int = 0) -> dict[str, float]:
    return staleness(list(items), list(traffic), np.arange(len(traffic)) < n_far)


def test_equal_shares_keep_every_item() -> None:
    found = _found("a" * 10 + "b" * 30, "a" * 100 + "b" * 300)
    assert found["ess"] == pytest.approx(40)
    assert (found["ess_rate"], found["uncovered_share"], found["js_distance"]) == pytest.approx((1, 0, 0))


def test_the_hand_example() -> None:
    # items 80/20, traffic 20/80: ratios .25 and 4; ESS = (80 * .25 + 20 * 4)^2 / (80 * .0625 + 20 * 16) = 100^2 / 325
    found = _found("a" * 80 + "b" * 20, "a" * 200 + "b" * 800)
    assert found["ess"] == pytest.approx(10_000 / 325)
    assert found["uncovered_share"] == 0
    # Jensen-Shannon of (.8, .2) and (.2, .8) in bits is 1 - H(.8)
    entropy = -(0.8 * np.log2(0.8) + 0.2 * np.log2(0.2))
    assert found["js_distance"] == pytest.approx(np.sqrt(1 - entropy))


def test_uncovered_is_thin_strata_and_far_traffic_counted_once() -> None:
    # b has 4 items (< 5), c none; the first 10 conversations are far: 10 of the 60 in a
    found = _found("a" * 20 + "b" * 4, "a" * 60 + "b" * 30 + "c" * 10, n_far=10)
    assert found["uncovered_share"] == pytest.approx((10 + 30 + 10) / 100)
    assert _found("a" * 20 + "b" * 4, "b" * 30 + "a" * 70, n_far=10)["uncovered_share"] == pytest.approx(0.3)


def test_nothing_to_compare_with() -> None:
    assert _found("a" * 5, "")["ess"] == 0
    assert _found("", "a" * 5) == {"n_items": 0, "ess": 0.0, "ess_rate": 0.0, "uncovered_share": 1.0, "js_distance": pytest.approx(np.sqrt(0.5))}


@given(st.text("abcd", min_size=1, max_size=60), st.text("abcd", min_size=1, max_size=60))
def test_bounds(items: str, traffic: str) -> None:
    found = _found(items, traffic)
    assert 0 <= found["ess"] <= len(items) * (1 + 1e-9)
    assert 0 <= found["js_distance"] <= 1


def test_disjoint_shares_are_one_bit_apart() -> None:
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)


def test_rows_and_sentence() -> None:
    frozen = [version_row("frozen", i, f"q {i}", role="frozen", stratum="a") for i in range(20)]
    versions = TABLES["eval_sets/versions"].rows(frozen + [version_row("living-2026-06-01", i, f"l {i}", stratum="ab"[i % 2]) for i in range(20)])
    traffic = [
        {
            "week": WEEK,
            "conversation_id": digest(i),
            "item_id": digest("i", i),
            "stratum_id": "ab"[i % 2],
            "distance": 0.1,
            "is_far": False,
            "representative_id": digest(i),
            "multiplicity": 1,
            "release_id": "r1",
            "user_key": digest("u", i),
        }
        for i in range(100)
    ]
    made = build_staleness(versions, build_manifests(versions, None, WEEK), TABLES["samples/assigned"].rows(traffic), 0.5, 0.05, WEEK)
    assert violations(TABLES["eval_sets/staleness"], made) == {}
    rows = {r["version"]: r for r in made.to_pylist()}
    assert rows["frozen"]["sentence"] == (
        "Your 20 frozen items are worth ESS = 20 of this week's production; 50 % of traffic has no eval item. "
        "Stale because more than 5 % of traffic is uncovered."
    )
    assert (rows["frozen"]["is_stale"], rows["living-2026-06-01"]["is_stale"]) == (True, False)
