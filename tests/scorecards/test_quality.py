"""psi is unbiased for quality whatever predicts it, and honours the probabilities of labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liveeval_assets.scorecards.book import MIN_LABELS, open_book
from liveeval_assets.scorecards.fold import N_FOLDS, cross_fit, design, folds_of, ridge
from liveeval_assets.scorecards.quality import achieved_probability, with_quality
from tests.worlds.ladder import Size, draw_world, sample
from tests.worlds.mutations import replaced, unlabelled

SIZE = Size(items=400, traces=1, with_traffic=())


def numbers(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=float)


def errors_of(seeds: range, variant: str) -> np.ndarray:
    """Mean psi minus mean of the label that everybody would have had, by world."""
    errors = []
    for seed in seeds:
        world = draw_world(seed, variant)
        everyone = sample(replace(world, label_plan="uniform"), seed, Size(items=400, traces=1, with_traffic=(), label_rate=1.0))
        table = sample(world, seed, SIZE)
        found = with_quality(table, seed)
        frozen = pc.equal(table["population"], "frozen")
        errors.append(numbers(found.filter(frozen), "psi").mean() - numbers(everyone.filter(frozen), "label").mean())
    return np.array(errors)


@pytest.mark.parametrize("variant", ["linear", "informative"])
def test_psi_is_unbiased_for_the_label_of_everybody(variant: str) -> None:
    error = errors_of(range(30), variant)
    assert abs(error.mean()) < 3.5 * error.std(ddof=1) / np.sqrt(len(error))


def test_a_useless_prediction_keeps_psi_unbiased() -> None:
    """Verdicts that know nothing make psi noisy, never wrong."""
    table = sample(draw_world(1), 1, SIZE)
    g = np.random.default_rng(0)
    for name in ("J1", "J2", "V", "Z1"):
        table = replaced(table, name, g.integers(0, 2, table.num_rows).astype(float))
    everyone = sample(draw_world(1), 1, Size(items=400, traces=1, with_traffic=(), label_rate=1.0))
    found = with_quality(table, 1)
    assert numbers(found, "psi").mean() == pytest.approx(numbers(everyone, "label").mean(), abs=0.035)


def test_good_predictions_narrow_psi() -> None:
    table = sample(draw_world(2), 2, SIZE)
    blind = table
    for name in ("J1", "J2", "V", "Z1"):
        blind = replaced(blind, name, np.zeros(table.num_rows))
    spread = {n: numbers(with_quality(t, 1), "psi").var() for n, t in (("sighted", table), ("blind", blind))}
    assert spread["sighted"] < 0.85 * spread["blind"]


def test_m_never_learns_from_the_answers_own_label() -> None:
    table = sample(draw_world(3), 3, SIZE)
    before = with_quality(table, 1)
    clusters = np.asarray(table["cluster"].to_pylist())
    labelled = np.flatnonzero(~np.isnan(numbers(table, "label")))
    turned = labelled[0]
    same = clusters == clusters[turned]
    label = numbers(table, "label")
    label[same] = 1 - label[same]
    after = with_quality(replaced(table, "label", label), 1)
    assert numbers(after, "m")[same] == pytest.approx(numbers(before, "m")[same], abs=1e-12)
    assert not np.allclose(numbers(after, "m"), numbers(before, "m"), atol=1e-6)


def test_groups_without_labels_stay_unknown() -> None:
    found = with_quality(unlabelled(sample(draw_world(3), 3, SIZE), ("r2",)), 1)
    psi = numbers(found, "psi")
    release = np.asarray(found["release_id"].to_pylist())
    assert np.isnan(psi[release == "r2"]).all()
    assert not np.isnan(psi[release == "r1"]).any()


def test_a_label_of_everybody_is_psi_itself() -> None:
    table = sample(draw_world(4), 4, Size(items=100, traces=1, with_traffic=(), label_rate=1.0))
    found = with_quality(table, 1)
    assert numbers(found, "psi") == pytest.approx(numbers(found, "label"))


def test_labels_that_did_not_come_are_made_up_for() -> None:
    """Half of the tasks are not rated yet: the rated ones stand for all, and the scorecard says so."""
    table = sample(draw_world(5), 5, Size(items=400, traces=1, with_traffic=(), label_rate=1.0))
    g = np.random.default_rng(1)
    gone = g.random(table.num_rows) < 0.5
    late = table
    for name in ("label", "label_y"):
        late = replaced(late, name, np.where(gone, np.nan, numbers(table, name)))
    found = with_quality(late, 1)
    assert numbers(found, "psi").mean() == pytest.approx(numbers(table, "label").mean(), abs=0.02)
    books = [open_book(with_quality(t, 1), replicates=5, seed=1).where("frozen", "r1") for t in (table, late)]
    assert [b.lacks_labels for b in books] == [False, True]
    assert np.std(books[1].psi[0]) > np.std(books[0].psi[0])


def test_achieved_probability_by_hand() -> None:
    population, release = np.array(["a"] * 4 + ["b"]), np.array(["r"] * 5)
    labelled = np.array([True, True, False, False, False])
    found = achieved_probability(population, release, labelled, np.array([0.5, 1.0, 0.5, 0.5, 0.5]))
    # 1 / .5 + 1 / 1 = 3 answers are stood for, 4 there are
    assert found[:2] == pytest.approx([0.5 * 3 / 4, 3 / 4])
    assert np.isnan(found[2:]).all()


def test_rater_noise_is_drawn_anew_in_each_replicate() -> None:
    noisy = with_quality(sample(draw_world(6, "noisy"), 6, SIZE), 6)
    book = open_book(noisy, replicates=50, seed=1)
    at = np.flatnonzero(book.labelled)[0]
    assert book.psi[1:, at].std() > 0
    assert book.psi[0] == pytest.approx(numbers(noisy, "psi"), abs=1e-9)
    plain = open_book(with_quality(sample(draw_world(6), 6, SIZE), 6), replicates=50, seed=1)
    assert plain.psi[1:].std(axis=0).max() < 1e-12


def test_poor_raters_are_corrected_by_their_own_rates_and_no_replicate_comes_near_guessing() -> None:
    noisy = with_quality(sample(draw_world(6, "noisy"), 6, SIZE), 6)
    labelled = np.flatnonzero(~np.isnan(numbers(noisy, "label_y")))
    poor = {"sensitivity": 0.9, "specificity": 0.45, "sensitivity_se": 0.1, "specificity_se": 0.1}
    for name, value in poor.items():
        noisy = replaced(noisy, name, np.where(np.isin(np.arange(len(noisy)), labelled), value, np.nan))
    book = open_book(noisy, replicates=200, seed=1)
    at = np.flatnonzero(book.labelled)
    p = achieved_probability(book.population, book.release, book.labelled, book["label_probability"])[at]
    q = (book["label_y"][at] - 0.55) / 0.35
    assert book.psi[0, at] == pytest.approx(book["m"][at] + (q - book["m"][at]) / p)
    # q of a good rating is specificity / (sensitivity + specificity - 1), of a bad one specificity - 1 over it: at most twice as far
    drawn = (book.psi[:, at] - book["m"][at]) * p + book["m"][at]
    assert np.abs(drawn).max() < 2.5 * np.abs(q).max()


def test_quality_is_claimed_from_enough_labels_on() -> None:
    book = open_book(with_quality(sample(draw_world(7), 7, SIZE), 7), replicates=2, seed=1).where("frozen", "r1")
    few = np.flatnonzero(book.labelled)[: MIN_LABELS - 1]
    assert book.has_quality
    assert not book.take(few).has_quality
    assert book.take(np.append(few, np.flatnonzero(book.labelled)[-1])).has_quality


def test_folds_keep_clusters_together() -> None:
    clusters = [f"u{i % 40}" for i in range(200)]
    folds = folds_of(clusters, 1)
    assert {len({f for c, f in zip(clusters, folds, strict=True) if c == u}) for u in set(clusters)} == {1}
    assert set(folds) == set(range(N_FOLDS))
    assert np.array_equal(folds_of(clusters[::-1], 1), folds[::-1])


def test_cross_fit_recovers_a_line_and_survives_nothing() -> None:
    g = np.random.default_rng(0)
    x = design([g.normal(size=500), np.ones(500)], ["s"] * 500)
    assert x.shape[1] == 1
    y = 2 + 3 * x[:, 0] + 0.1 * g.normal(size=500)
    found = cross_fit(x, y, g.random(500) < 0.5, folds_of([str(i) for i in range(500)], 1))
    assert np.abs(found - y).mean() < 0.2
    assert ridge(x[:0], y[:0], x[:3]) == pytest.approx([0.5] * 3)
