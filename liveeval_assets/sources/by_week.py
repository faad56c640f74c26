"""Which week a record belongs to, also where it does not say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from liveeval_assets.shared.records import Spot
from liveeval_assets.shared.weeks import week_of


def by_week(spots: Sequence[Spot], first: date, last: date, newest: date) -> dict[date, list[Spot]]:
    """Spots by the week of their moment.

    One without a moment, or with one that cannot have come yet, is refused in the week of the last good record before
    it in its file, else of the file's first good one, else in the first week; but always in a week that is reported.

    Args:
        spots: in file order, file by file.
        first, last: weeks that are reported.
        newest: no moment lies in a later week than this one.
    """
    found: dict[date, list[Spot]] = defaultdict(list)
    waiting: list[Spot] = []
    file, week = "", None
    for spot in spots:
        if spot.file != file:
            found[first] += waiting
            file, week, waiting = spot.file, None, []
        own = None if spot.at is None else week_of(spot.at)
        if own is not None and own <= newest:
            week = min(max(own, first), last)
            found[week] += waiting
            found[own].append(spot)
            waiting = []
        elif week is not None:
            found[week].append(spot)
        else:
            waiting.append(spot)
    found[first] += waiting
    return {w: rows for w, rows in found.items() if rows}
