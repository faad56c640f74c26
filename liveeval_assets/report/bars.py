"""The gap in four bars and one grey one, as a waterfall: each starts where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from liveeval_assets.report.numbers import Number
from liveeval_assets.report.words import BARS, COMPONENTS, UNIDENTIFIED, Words

TOTAL = "gap"


@dataclass(frozen=True)
class Bar:
    """One bar of the waterfall.

    Attributes:
        name: bar of the table.
        number: its own estimate and interval.
        start: where it starts: the sum of the bars before it.
        kind: `clear`, `unclear` (covers zero), `unidentified` or `total`.
        note: the finding in a few words.
    """

    name: str
    words: Words
    number: Number
    start: float
    kind: str
    note: str

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.start + (self.number.estimate or 0.0)


def bars(rows: Sequence[dict[str, Any]]) -> list[Bar]:
    """Bars of one release and form, in the order of the ladder, and the total last.

    Args:
        rows: rows of `scorecards/gap`; a bar of several components has a line `bar_<name>` with its own interval.

    Returns:
        Empty if there is no gap to explain.
    """
    lines = {r["component"]: r for r in rows}
    if TOTAL not in lines:
        return []
    found: list[Bar] = []
    start = 0.0
    for name, words in BARS.items():
        of_several = lines.get(f"bar_{name}")
        number = Number.of(of_several or lines.get(name))
        if name == UNIDENTIFIED and not number.estimate:
            continue
        bar = Bar(name, words, number, start, _kind(name, number), _note(name, number, of_several))
        found.append(bar)
        start = bar.end
    total = Number.of(lines[TOTAL])
    found.append(Bar(TOTAL, Words("The gap", "Offline score minus north star."), total, 0.0, "total", _note(TOTAL, total, lines[TOTAL])))
    return found


def components(rows: Sequence[dict[str, Any]]) -> list[tuple[Words, Number, str]]:
    """Every line of the ladder in its order: words, number, and what to know of it."""
    lines = {r["component"]: r for r in rows}
    found = []
    for name, words in COMPONENTS.items():
        if name in lines:
            number = Number.of(lines[name])
            found.append((words, number, _note(name, number, lines[name])))
    return found


def _kind(name: str, number: Number) -> str:
    if name == UNIDENTIFIED or number.estimate is None:
        return "unidentified"
    return "clear" if number.excludes_zero else "unclear"


def _note(name: str, number: Number, row: dict[str, Any] | None) -> str:
    if number.estimate is None:
        found = "not identified"
    elif name == UNIDENTIFIED:
        found = "belongs to none of the bars above" if number.estimate else "nothing"
    else:
        found = "" if number.excludes_zero else "not distinguishable from zero"
    return "; ".join(text for text in (found, row["reason"] if row else "") if text)
