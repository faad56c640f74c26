"""Rows of scorecards/scores: each measure of each published release, overall and by stratum, with one headline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.book import Book, open_book
from liveeval_assets.scorecards.gap import MIN_MATURE
from liveeval_assets.scorecards.published import RefuterRates
from liveeval_assets.scorecards.traffic import Traffic, open_traffic
from liveeval_assets.shared.stats import ROUNDING, Z95, effective_size, replicate_normals, weighted_mean, wilson
from liveeval_assets.tables import TABLES

SCORES = TABLES["scorecards/scores"]
ALL = "ALL"
_RATES_UNKNOWN = "refuter_rates_unknown"
_ATTACKS_INCOMPLETE = "attacks_incomplete"
_MIN_ATTACKED = 0.8  # share of the passes whose attack was scored, below which the others are not believed to be alike


@dataclass(frozen=True)
class Floors:
    """Below these a number is not published: labels for a corrected headline, items and users for a stratum."""

    labels: int
    items: int
    users: int


@dataclass(frozen=True)
class _Measured:
    """A measure in each replicate, what it rests on, and how it was made."""

    measure: str
    population: str
    value: np.ndarray
    n: int
    n_labels: int
    n_eff: float
    method: str
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Parts:
    """One release, or one stratum of it."""

    frozen: Book
    living: Book
    traffic: Traffic

    def stratum(self, name: str) -> _Parts:
        items = [rows.take(np.flatnonzero(rows.stratum == name)) for rows in (self.frozen, self.living)]
        return _Parts(items[0], items[1], self.traffic.take([name]))


def build_scores(
    table: pa.Table,
    *,
    week: date,
    releases: Sequence[str],
    floors: Floors,
    refuter: RefuterRates | None,
    past_scores: str | None,
    inputs: Sequence[str],
    replicates: int,
    seed: int,
) -> pa.Table:
    """Scores of the published releases.

    Args:
        table: scorecards/item_scores of the week, complete.
        refuter: its error rates where they are known.
        past_scores: JSON of scores from before this project, by release; published in the first week.
        inputs: versions and evaluator that the numbers rest on.
    """
    book = open_book(table, replicates=replicates, seed=seed)
    rows: list[dict[str, Any]] = []
    for release in sorted(releases):
        traffic = open_traffic(table, release, replicates=replicates, seed=seed)
        parts = _Parts(book.where("frozen", release), book.where("living", release), traffic)
        shared = {
            "week": week,
            "release_id": release,
            "status": "FINAL" if traffic.mature_share >= MIN_MATURE else "PROVISIONAL",
            "inputs": list(inputs),
        }
        measured = list(_measures(parts, refuter, seed))
        headline, why = _headline(measured, floors)
        for m in measured:
            is_headline = m.population == "living" and m.measure == headline
            # where nothing may be quoted, the reason stands beside the measure that would have been
            reason = why if is_headline or (headline is None and (m.population, m.measure) == ("living", "audited")) else None
            rows.append({**_row(ALL, m), **shared, "is_headline": is_headline, "headline_reason": reason})
        rows += [{**row, **shared} for row in _stratum_rows(parts, refuter, floors, seed)]
    rows += [_past(week, release, value) for release, value in sorted(json.loads(past_scores or "{}").items())]
    return SCORES.rows(rows)


def _measures(parts: _Parts, refuter: RefuterRates | None, seed: int) -> Iterator[_Measured]:
    """Judge measures and quality on frozen and sealed living items, and the outcome of traffic."""
    for population, rows in (("frozen", parts.frozen), ("living", parts.living.sealed)):
        found = [*_judge_measures(rows, population), *_audited(rows, population, refuter, seed), *_corrected(rows, population)]
        yield from (m for m in found if m.n)
    yield from (m for m in _outcomes(parts.traffic) if m.n)


def _judge_measures(rows: Book, population: str) -> Iterator[_Measured]:
    judged, panel = rows.known("J1", "J2"), rows.known("V")
    yield _rate("naive", population, judged, judged["J1"], "naive judge, pass option first")
    yield _rate("agreed", population, judged, (judged["J1"] == 1) & (judged["J2"] == 1), "naive judge, pass in both orders")
    yield _rate("panel", population, panel, panel["V"] == 1, "panel, mean of its votes above one half")


def _audited(rows: Book, population: str, refuter: RefuterRates | None, seed: int) -> Iterator[_Measured]:
    """Passes that survive: passes x (d - refuted share) / (d - f) where the refuter's rates d and f are known (Rogan and Gladen 1978)."""
    panel = rows.known("V")
    passes = panel.take(np.flatnonzero(panel["V"] == 1))
    # a pass whose attack failed is neither survivor nor refuted: the attacked ones stand in for it
    attacked = passes.known("Z1")
    if len(passes) and not len(attacked):
        return
    passed = weighted_mean(panel.r, panel["V"] == 1)
    survived = weighted_mean(attacked.r, attacked["Z1"] == 0) if len(attacked) else np.zeros(len(panel.r))
    audited = panel.take(np.flatnonzero((panel["V"] != 1) | ~np.isnan(panel["Z1"])))
    rests_on = (len(audited), audited.n_labels, effective_size(audited["weight"]))
    failed = (_ATTACKS_INCOMPLETE,) if len(attacked) < _MIN_ATTACKED * len(passes) else ()
    if refuter is None or not refuter.is_usable:
        yield _Measured("audited", population, passed * survived, *rests_on, "panel passes that survived the refuter", (_RATES_UNKNOWN, *failed))
        return
    n = len(panel.r) - 1
    catch = refuter.catch + refuter.catch_se * replicate_normals("catch", seed, n)
    kill = refuter.false_kill + refuter.false_kill_se * replicate_normals("false kill", seed, n)
    value = passed * (survived - (1 - catch)) / (catch - kill)
    yield _Measured("audited", population, value, *rests_on, "panel passes that survived the refuter, corrected for its catch and false-kill rates", failed)


def _corrected(rows: Book, population: str) -> Iterator[_Measured]:
    if not rows.has_quality:
        return
    failed = {"rater_error_unknown": bool(np.isnan(rows["sensitivity_se"][rows.labelled]).any()), "labels_incomplete": rows.lacks_labels}
    value, n_eff = weighted_mean(rows.r, rows.psi), effective_size(rows["weight"])
    names = tuple(n for n, is_failed in failed.items() if is_failed)
    yield _Measured("corrected", population, value, len(rows), rows.n_labels, n_eff, "label-corrected (augmented IPW)", names)


def _rate(measure: str, population: str, rows: Book, hits: np.ndarray, method: str, failed: tuple[str, ...] = ()) -> _Measured:
    value = weighted_mean(rows.r, hits.astype(float))
    return _Measured(measure, population, value, len(rows), rows.n_labels, effective_size(rows["weight"]), method, failed)


def _outcomes(traffic: Traffic) -> Iterator[_Measured]:
    if traffic.n("seen"):
        yield _Measured("north_star", "traffic", traffic.seen_mean(), traffic.n("seen"), 0, traffic.n_eff("seen"), "mean of observed outcomes")
        if traffic.has_model:
            method = "corrected for who answered (augmented IPW)"
            yield _Measured("north_star_ipw", "traffic", traffic.adjusted_mean(), traffic.n("mature"), 0, traffic.n_eff("mature"), method)


def _headline(measured: Sequence[_Measured], floors: Floors) -> tuple[str | None, str]:
    """The measure to quote: quality corrected by people, else survivors of a refuter of known error, else none; and why."""
    living = {m.measure: m for m in measured if m.population == "living"}
    n_labels = living["corrected"].n_labels if "corrected" in living else 0
    if n_labels >= floors.labels:
        return "corrected", f"{n_labels} labels on sealed living items meet the floor of {floors.labels}"
    few = f"{n_labels} labels on sealed living items are below the floor of {floors.labels}"
    if "audited" in living and not living["audited"].failed:
        return "audited", f"{few}: passes that survived a refuter of known error"
    if "audited" in living and living["audited"].failed == (_ATTACKS_INCOMPLETE,):
        return None, f"{few}, and too many passes have no scored attack"
    return None, f"{few}, and the refuter's error rates are not known well enough"


def _stratum_rows(parts: _Parts, refuter: RefuterRates | None, floors: Floors, seed: int) -> Iterator[dict[str, Any]]:
    """Strata with enough items and enough distinct users; the others would name people or noise."""
    for name in parts.traffic.strata:
        own = parts.stratum(str(name))
        if own.traffic.n_users >= floors.users:
            for m in _measures(own, refuter, seed):
                if m.n >= floors.items:
                    yield {**_row(str(name), m), "is_headline": False}


def _row(stratum: str, m: _Measured) -> dict[str, Any]:
    estimate, se = float(m.value[0]), float(m.value[1:].std(ddof=1))
    lo, hi = estimate - Z95 * se, estimate + Z95 * se
    if se < ROUNDING and m.n_eff > 0:
        # units that are all alike have no spread to resample, and still are few (Wilson 1927)
        lo, hi = wilson(min(max(estimate, 0.0), 1.0) * m.n_eff, m.n_eff)
        se = (hi - lo) / (2 * Z95)
    return {
        "stratum_id": stratum,
        "population": m.population,
        "measure": m.measure,
        "estimate": estimate,
        "se": se,
        "lo": min(max(lo, 0.0), 1.0),
        "hi": max(min(hi, 1.0), 0.0),
        "n": m.n,
        "n_labels": m.n_labels,
        "n_eff": m.n_eff,
        "method": m.method,
        "failed_assumptions": list(m.failed),
    }


def _past(week: date, release: str, value: Any) -> dict[str, Any]:
    """A score from before this project: no interval is known."""
    row = {"week": week, "release_id": release, "stratum_id": ALL, "population": "frozen", "measure": "past_score", "estimate": float(value)}
    return {
        **row,
        "n": 0,
        "n_labels": 0,
        "method": "imported",
        "failed_assumptions": ["interval_unknown"],
        "is_headline": False,
        "status": "FINAL",
        "inputs": [],
    }
