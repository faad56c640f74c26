"""Rows of scorecards/gap: each release's ladder, its growth since the reference, and the totals of the bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.scorecards.book import open_book
from liveeval_assets.scorecards.ladder import HOLDS_FAMILY, Ladder, climb
from liveeval_assets.scorecards.slopes import fit_slopes
from liveeval_assets.scorecards.traffic import open_traffic
from liveeval_assets.shared.stats import ROUNDING, Z95
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
    ladders = ladders_of(table, {*releases, reference}, replicates=replicates, seed=seed)
    rows: list[dict[str, Any]] = []
    for release in sorted(set(releases) & set(ladders)):
        rows += _rows(week, release, "level", ladders[release])
        if release != reference and reference in ladders:
            rows += _rows(week, release, "growth", growth(ladders[release], ladders[reference]))
    return GAP.rows(rows)


def ladders_of(table: pa.Table, releases: Iterable[str], *, replicates: int, seed: int) -> dict[str, Ladder]:
    """The ladder of each release that has an offline score and mature outcomes; the judge's slopes come from all releases."""
    book = open_book(table, replicates=replicates, seed=seed)
    slopes = fit_slopes(book)
    found: dict[str, Ladder] = {}
    for release in sorted(releases):
        traffic = open_traffic(table, release, replicates=replicates, seed=seed)
        ladder = climb(book, traffic, release, slopes) if traffic.mature_share >= MIN_MATURE else None
        if ladder is not None:
            found[release] = ladder
    return found


def growth(now: Ladder, then: Ladder) -> Ladder:
    """Differences in every replicate: shared items and users cancel."""
    components: dict[str, np.ndarray | None] = {}
    reasons: dict[str, str] = {}
    lumped = now.lumped - then.lumped
    for name, a in now.components.items():
        b = then.components[name]
        components[name] = a - b if a is not None and b is not None else None
        if a is None or b is None:
            lumped = lumped + (0.0 if a is None else a) - (0.0 if b is None else b)
            reasons[name] = now.reasons[name] if a is None else f"of the reference release: {then.reasons[name]}"
    if HOLDS_FAMILY in (now.reasons.get("false_pass"), then.reasons.get("false_pass")):
        reasons.setdefault("false_pass", HOLDS_FAMILY)
    return Ladder(components, lumped, now.gap - then.gap, reasons, {}, now.counts)


def _rows(week: date, release: str, form: str, ladder: Ladder) -> list[dict[str, Any]]:
    lines: list[tuple[str, str, np.ndarray | None]] = [(n, BAR_OF[n], v) for n, v in ladder.components.items()]
    lines += [(f"bar_{bar}", bar, _total(ladder.components, bar)) for bar in BARS]
    lines += [("not_identified", "not_identified", ladder.lumped), ("gap", "gap", ladder.gap)]
    reasons = {**{f"bar_{bar}": _partial(ladder.components, bar) for bar in BARS}, **ladder.reasons}
    n_all = (max(n for n, _ in ladder.counts.values()), max(n for _, n in ladder.counts.values()))
    return [_row(week, release, form, name, bar, value, reasons.get(name), ladder.counts.get(bar, n_all)) for name, bar, value in lines]


def _partial(components: Mapping[str, np.ndarray | None], bar: str) -> str | None:
    """What a bar holds if some of its components are not identified."""
    names = [n for n in components if BAR_OF[n] == bar]
    known = [n for n in names if components[n] is not None]
    return None if known == names else f"holds only {', '.join(known)}" if known else "no component of it is identified"


def _total(components: Mapping[str, np.ndarray | None], bar: str) -> np.ndarray | None:
    parts = [v for n, v in components.items() if BAR_OF[n] == bar and v is not None]
    return np.sum(parts, axis=0) if parts else None


def _row(week: date, release: str, form: str, name: str, bar: str, value: np.ndarray | None, reason: str | None, counts: tuple[int, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"week": week, "release_id": release, "form": form, "component": name, "bar": bar}
    row |= {"n": counts[0], "n_labels": counts[1], "is_identified": value is not None, "reason": reason, "status": "FINAL"}
    if value is not None:
        # the same sum by two ways is no difference
        value = np.where(np.abs(value) < ROUNDING, 0.0, value)
        estimate, se = float(value[0]), float(value[1:].std(ddof=1))
        row |= {"estimate": estimate, "se": se, "lo": estimate - Z95 * se, "hi": estimate + Z95 * se}
    return row
