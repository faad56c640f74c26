"""Rows of scorecards/scores: each measure of each published release, overall and by stratum, with one headline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.book import Book, open_book
from liveeval_assets.scorecards.gap import MIN_MATURE
from liveeval_assets.shared.stats import Z95, effective_size, weighted_mean
from liveeval_assets.tables import TABLES

SCORES = TABLES["scorecards/scores"]
ALL = "ALL"


@dataclass(frozen=True)
class Floors:
    """Below these a number is not published: labels for a corrected headline, items and users for a stratum."""

    labels: int
    items: int
    users: int


@dataclass(frozen=True)
class _Measured:
    """A measure in each replicate, the rows that it rests on, and how it was made."""

    measure: str
    population: str
    value: np.ndarray
    rows: Book
    method: str
    failed: tuple[str, ...] = ()


def build_scores(
    table: pa.Table,
    *,
    week: date,
    releases: Sequence[str],
    floors: Floors,
    refuter: Mapping[str, float],
    past_scores: str | None,
    inputs: Sequence[str],
    replicates: int,
    seed: int,
) -> pa.Table:
    """Scores of the published releases.

    Args:
        table: scorecards/item_scores of the week, complete.
        refuter: `catch_rate` and `false_kill_rate` where they are known.
        past_scores: JSON of scores from before this project, by release; published in the first week.
        inputs: versions and evaluator that the numbers rest on.
    """
    book = open_book(table, replicates=replicates, seed=seed)
    rows: list[dict[str, Any]] = []
    for release in sorted(releases):
        parts = {p: book.where(p, release) for p in ("frozen", "living", "traffic")}
        measured = [m for m in _measures(parts, refuter) if len(m.rows)]
        headline = _headline(measured, floors)
        status = _status(parts["traffic"])
        for m in measured:
            row = _row(week, release, ALL, m, status, inputs)
            if headline is not None and m.measure == headline[0] and m.population == "living":
                row |= {"is_headline": True, "headline_reason": headline[1]}
            rows.append(row)
        rows += _stratum_rows(week, release, parts, refuter, floors, status, inputs)
    rows += [_past(week, release, value) for release, value in sorted(json.loads(past_scores or "{}").items())]
    return SCORES.rows(rows)


def _measures(parts: Mapping[str, Book], refuter: Mapping[str, float]) -> Iterator[_Measured]:
    """Judge measures on frozen and sealed living items, quality where people have labelled, and the outcome."""
    sealed = parts["living"].take(np.flatnonzero(parts["living"].split == "sealed"))
    for population, rows in (("frozen", parts["frozen"]), ("living", sealed)):
        judged = _known(rows, "J1", "J2")
        yield _Measured("naive", population, weighted_mean(judged.r, judged["J1"]), judged, "naive judge, pass option first")
        agreed = ((judged["J1"] == 1) & (judged["J2"] == 1)).astype(float)
        yield _Measured("agreed", population, weighted_mean(judged.r, agreed), judged, "naive judge, pass in both orders")
        panel = _known(rows, "V")
        yield _Measured("panel", population, weighted_mean(panel.r, (panel["V"] == 1).astype(float)), panel, "panel, pass in both orders")
        attacked = panel.take(np.flatnonzero((panel["V"] != 1) | ~np.isnan(panel["Z1"])))
        survived = ((attacked["V"] == 1) & (attacked["Z1"] == 0)).astype(float)
        failed = () if {"catch_rate", "false_kill_rate"} <= set(refuter) else ("refuter_rates_unknown",)
        yield _Measured("audited", population, weighted_mean(attacked.r, survived), attacked, "panel passes that survived the refuter", failed)
        if rows.has_quality:
            unknown = bool(np.isnan(rows["sensitivity_se"][rows.labelled]).any())
            yield _Measured(
                "corrected", population, weighted_mean(rows.r, rows.psi), rows, "label-corrected (augmented IPW)", ("rater_error_unknown",) if unknown else ()
            )
    yield from _outcomes(parts["traffic"])


def _outcomes(traffic: Book) -> Iterator[_Measured]:
    seen = traffic.take(np.flatnonzero(traffic["observed"] == 1))
    yield _Measured("north_star", "traffic", weighted_mean(seen.r, seen["y"]), seen, "mean of observed outcomes")
    mature = traffic.take(np.flatnonzero(~np.isnan(traffic["observed"])))
    if len(mature) and not np.isnan(mature["mu"]).any():
        residual = np.where(mature["observed"] == 1, np.nan_to_num(mature["y"]) - mature["mu"], 0.0)
        value = weighted_mean(mature.r, mature["mu"] + residual / mature["propensity"])
        yield _Measured("north_star_ipw", "traffic", value, mature, "corrected for who answered (augmented IPW)")


def _known(rows: Book, *names: str) -> Book:
    return rows.take(np.flatnonzero(np.all([~np.isnan(rows[n]) for n in names], axis=0)))


def _headline(measured: Sequence[_Measured], floors: Floors) -> tuple[str, str] | None:
    """The measure to quote: quality corrected by people, else survivors; and why."""
    living = {m.measure: m for m in measured if m.population == "living"}
    corrected = living.get("corrected")
    n_labels = int(corrected.rows.labelled.sum()) if corrected else 0
    if corrected is not None and n_labels >= floors.labels:
        return "corrected", f"{n_labels} labels on sealed living items meet the floor of {floors.labels}"
    audited = living.get("audited")
    if audited is not None and not audited.failed:
        return "audited", f"only {n_labels} labels on sealed living items (floor {floors.labels}): passes that survived a refuter of known error"
    return None


def _status(traffic: Book) -> str:
    mature = float((~np.isnan(traffic["observed"])).mean()) if len(traffic) else 0.0
    return "FINAL" if mature >= MIN_MATURE else "PROVISIONAL"


def _stratum_rows(
    week: date, release: str, parts: Mapping[str, Book], refuter: Mapping[str, float], floors: Floors, status: str, inputs: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Strata with enough items and enough distinct users; the others would name people or noise."""
    for stratum in sorted(set(parts["living"].stratum) | set(parts["frozen"].stratum) | set(parts["traffic"].stratum)):
        own = {p: rows.take(np.flatnonzero(rows.stratum == stratum)) for p, rows in parts.items()}
        if len(set(own["traffic"].cluster)) < floors.users:
            continue
        for m in _measures(own, refuter):
            if len(m.rows) >= floors.items:
                yield _row(week, release, stratum, m, status, inputs)


def _row(week: date, release: str, stratum: str, m: _Measured, status: str, inputs: Sequence[str]) -> dict[str, Any]:
    estimate, se = float(m.value[0]), float(m.value[1:].std(ddof=1))
    return {
        "week": week,
        "release_id": release,
        "stratum_id": stratum,
        "population": m.population,
        "measure": m.measure,
        "estimate": estimate,
        "se": se,
        "lo": max(estimate - Z95 * se, 0.0),
        "hi": min(estimate + Z95 * se, 1.0),
        "n": len(m.rows),
        "n_labels": int(m.rows.labelled.sum()),
        "n_eff": effective_size(m.rows["weight"]),
        "method": m.method,
        "failed_assumptions": list(m.failed),
        "is_headline": False,
        "status": status,
        "inputs": list(inputs),
    }


def _past(week: date, release: str, value: Any) -> dict[str, Any]:
    """A score from before this project: no interval is known."""
    row = {"week": week, "release_id": release, "stratum_id": ALL, "population": "frozen", "measure": "past_score", "estimate": float(value)}
    return {**row, "n": 0, "n_labels": 0, "method": "imported", "failed_assumptions": ["interval_unknown"], "is_headline": False, "status": "FINAL", "inputs": []}
