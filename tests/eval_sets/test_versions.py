"""Versions and their manifests over two weeks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from liveeval_assets.eval_sets import checks
from liveeval_assets.eval_sets.manifests import build_manifests
from liveeval_assets.eval_sets.versions import build_versions
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.eval_sets.build import NEXT, WEEK, drawn_and_anonymised, imported

NONE = TABLES["samples/imported"].empty()


def _versions(numbers: range, static: pa.Table = NONE, week: date = WEEK, *, is_first: bool = False) -> pa.Table:
    return build_versions(*drawn_and_anonymised(numbers, week), static, 0.3, 1, week, is_first=is_first)


def test_the_living_version_is_the_draw_and_the_frozen_one_the_import() -> None:
    made = _versions(range(60), imported(200))
    assert violations(TABLES["eval_sets/versions"], made) == {}
    counts = {r["version"]: r["item_id_count"] for r in made.group_by("version").aggregate([("item_id", "count")]).to_pylist()}
    assert counts == {"living-2026-06-01": 60, "frozen": 200}
    living = next(r for r in made.to_pylist() if r["role"] == "living")
    assert living["question"].startswith("question number")
    assert living["history"][0]["text"].startswith("before")
    frozen = next(r for r in made.to_pylist() if r["role"] == "frozen")
    assert (frozen["user_key"], frozen["weight"], frozen["provenance"]) == (frozen["item_id"], 1.0, "imported")


def test_the_split_is_random_with_the_probability_it_states() -> None:
    made = _versions(range(3_000))
    is_open = np.array([s == "open" for s in made.column("split").to_pylist()])
    assert is_open.mean() == pytest.approx(0.3, abs=0.03)
    assert set(zip(made.column("split").to_pylist(), made.column("split_probability").to_pylist(), strict=True)) == {("open", 0.3), ("sealed", 0.7)}
    fewer = _versions(range(100))
    split = dict(zip(made.column("item_id").to_pylist(), made.column("split").to_pylist(), strict=True))
    assert all(split[r["item_id"]] == r["split"] for r in fewer.to_pylist())


def test_the_order_of_rows_changes_nothing() -> None:
    drawn, items = drawn_and_anonymised(range(40))
    order = np.random.default_rng(1).permutation(40)
    mixed = build_versions(drawn.take(order), items.take(np.append(order, 40)), imported(9), 0.3, 1, WEEK, is_first=True)
    assert mixed.equals(build_versions(drawn, items, imported(9), 0.3, 1, WEEK, is_first=True))


def test_manifests_pin_parents_and_differences() -> None:
    first, second = _versions(range(60), imported(20)), _versions(range(40, 110), week=NEXT)
    one = {r["version"]: r for r in build_manifests(first, '{"r1": 0.5}', WEEK).to_pylist()}
    assert {v: (r["parent"], r["n_items"], r["added"], r["removed"], r["tags"], r["past_scores"]) for v, r in one.items()} == {
        "living-2026-06-01": (None, 60, 60, 0, [], None),
        "frozen": (None, 20, 20, 0, ["frozen"], '{"r1": 0.5}'),
    }
    made = build_manifests(pa.concat_tables([first, second]), "{}", NEXT)
    assert violations(TABLES["eval_sets/manifests"], made) == {}
    (two,) = made.to_pylist()
    assert (two["version"], two["parent"], two["added"], two["removed"], two["tags"]) == ("living-2026-06-08", "living-2026-06-01", 50, 40, [])


def test_without_a_static_set_the_first_draw_is_frozen() -> None:
    first, second = _versions(range(10), is_first=True), _versions(range(10, 20), week=NEXT)
    rows = {role: [r for r in first.to_pylist() if r["role"] == role] for role in ("living", "frozen")}
    kept = ("item_id", "question", "user_key", "stratum_id", "split", "item_hash", "provenance")
    assert [[r[k] for k in kept] for r in rows["frozen"]] == [[r[k] for k in kept] for r in rows["living"]]
    assert {(r["version"], r["weight"]) for r in rows["frozen"]} == {("frozen", 1.0)}
    tags = {r["version"]: r["tags"] for r in build_manifests(first, None, WEEK).to_pylist()}
    assert tags == {"frozen": ["frozen"], "living-2026-06-01": []}
    assert build_manifests(pa.concat_tables([first, second]), None, NEXT).column("tags").to_pylist() == [[]]
    assert _versions(range(10), imported(5), is_first=True)["role"].to_pylist().count("frozen") == 5


def test_the_content_hash_follows_the_content_alone() -> None:
    made = _versions(range(30))
    shuffled = made.take(np.random.default_rng(2).permutation(30))
    other = _versions(range(29))
    hashes = [build_manifests(t, None, WEEK).column("content_hash")[0].as_py() for t in (made, shuffled, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_checks_notice_what_does_not_fit() -> None:
    drawn, items = drawn_and_anonymised(range(10))
    made = build_versions(drawn, items, imported(3), 0.3, 1, WEEK, is_first=True)
    tables = {"samples/drawn": drawn, "eval_sets/versions": made, "eval_sets/manifests": build_manifests(made, None, WEEK)}
    assert all(c.run(tables).passed for c in (*checks.VERSIONS, *checks.MANIFESTS))
    assert not checks.VERSIONS[0].run({**tables, "samples/drawn": drawn.slice(1)}).passed
    assert not checks.MANIFESTS[0].run({**tables, "eval_sets/versions": made.slice(1)}).passed
    twice = pa.concat_tables([tables["eval_sets/manifests"]] * 2)
    assert not checks.MANIFESTS[1].run({**tables, "eval_sets/manifests": twice}).passed
