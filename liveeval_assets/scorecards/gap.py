"""Rows of scorecards/gap: each release's ladder, its growth since the reference, and the totals of the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.book import Book, open_book
from liveeval_assets.scorecards.ladder import Ladder, climb
from liveeval_assets.scorecards.slopes import fit_slopes
from liveeval_assets.shared.stats import Z95
from liveeval_assets.tables import TABLES

GAP = TABLES["scorecards/gap"]
BAR_OF = {
    "position": "judge",
    "verbosity": "judge",
    "self_pref": "judge",
    "false_pass": "judge",
    "false_fail": "judge",
    "contamination": "test_set",
    "mix": "test_set",
    "within": "test_set",
    "uncovered": "test_set",
    "construct": "construct",
    "selection": "selection",
}
BARS = ("judge", "test_set")
"""Bars of several components; the other bars are single lines."""
MIN_MATURE = 0.95


def build_gap(table: pa.Table, *, week: date, releases: Sequence[str], reference: str, replicates: int, seed: int) -> pa.Table:
    """Level and growth of every component of the given releases.

    A release whose outcomes are less than 95 % mature has no gap yet.

    Args:
        table: scorecards/item_scores of the week, complete.
        releases: releases to publish.
        reference: origin of growth.
    """
    book = open_book(table, replicates=replicates, seed=seed)
    slopes = fit_slopes(book)
    ladders = {r: found for r in {*releases, reference} if _is_mature(book, r) and (found := climb(book, r, slopes)) is not None}
    rows: list[dict[str, Any]] = []
    for release in sorted(set(releases) & set(ladders)):
        rows += _rows(week, release, "level", ladders[release])
        if release != reference and reference in ladders:
            rows += _rows(week, release, "growth", _growth(ladders[release], ladders[reference]))
    return GAP.rows(rows)


def _is_mature(book: Book, release: str) -> bool:
    traffic = book.where("traffic", release)
    return bool(len(traffic)) and float((~np.isnan(traffic["observed"])).mean()) >= MIN_MATURE


def _growth(now: Ladder, then: Ladder) -> Ladder:
    """Differences in every replicate: shared items and users cancel."""
    both = {n: (now.components[n], then.components[n]) for n in now.components}
    components = {n: a - b if a is not None and b is not None else None for n, (a, b) in both.items()}
    gap = now.gap - then.gap
    known = sum((v for v in components.values() if v is not None), np.zeros_like(gap))
    return Ladder(components, gap - known, gap, {**then.reasons, **now.reasons}, {}, now.counts)


def _rows(week: date, release: str, form: str, ladder: Ladder) -> list[dict[str, Any]]:
    lines: list[tuple[str, str, np.ndarray | None]] = [(n, BAR_OF[n], v) for n, v in ladder.components.items()]
    lines += [(f"bar_{bar}", bar, _total(ladder.components, bar)) for bar in BARS]
    lines += [("not_identified", "not_identified", ladder.lumped), ("gap", "gap", ladder.gap)]
    n_all = (max(n for n, _ in ladder.counts.values()), max(n for _, n in ladder.counts.values()))
    return [_row(week, release, form, name, bar, value, ladder.reasons.get(name), ladder.counts.get(bar, n_all)) for name, bar, value in lines]


def _total(components: Mapping[str, np.ndarray | None], bar: str) -> np.ndarray | None:
    parts = [v for n, v in components.items() if BAR_OF[n] == bar and v is not None]
    return np.sum(parts, axis=0) if parts else None


def _row(
    week: date, release: str, form: str, name: str, bar: str, value: np.ndarray | None, reason: str | None, counts: tuple[int, int]
) -> dict[str, Any]:
    row: dict[str, Any] = {"week": week, "release_id": release, "form": form, "component": name, "bar": bar}
    row |= {"n": counts[0], "n_labels": counts[1], "is_identified": value is not None, "reason": reason, "status": "FINAL"}
    if value is not None:
        estimate, se = float(value[0]), float(value[1:].std(ddof=1))
        row |= {"estimate": estimate, "se": se, "lo": estimate - Z95 * se, "hi": estimate + Z95 * se}
    return row
