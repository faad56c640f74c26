"""How numbers are written: shares and differences in points of 100, an interval beside every one."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Any

MINUS = "\N{MINUS SIGN}"
_Z = 1.96
NONE = "–"  # noqa: RUF001 (a dash, not a minus)


@dataclass(frozen=True)
class Number:
    """An estimate in 0-1 with its 95 % interval; all None if it is not identified."""

    estimate: float | None
    lo: float | None = None
    hi: float | None = None

    @classmethod
    def of(cls, row: dict[str, Any] | None) -> Number:
        """From a row of scores, gap or judge health; None for no row."""
        return cls(None) if row is None else cls(row["estimate"], row["lo"], row["hi"])

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return self.lo is not None and self.hi is not None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.lo is not None and self.hi is not None and (self.lo > 0 or self.hi < 0)

    @property
    def share(self) -> str:
        """`62.0`: points of 100."""
        return NONE if self.estimate is None else _clean(f"{100 * self.estimate:.1f}")

    @property
    def points(self) -> str:
        """`+6.0`: a signed difference in points."""
        return NONE if self.estimate is None else _clean(f"{100 * self.estimate:+.1f}")

    @property
    def interval(self) -> str:
        """`60.1 to 63.9`; empty without an interval."""
        return f"{_clean(f'{100 * self.lo:.1f}')} to {_clean(f'{100 * self.hi:.1f}')}" if self.lo is not None and self.hi is not None else ""


def difference(new: dict[str, Any] | None, old: dict[str, Any] | None) -> Number:
    """`new - old` with the interval of independent estimates (on the wide side where they share items)."""
    if new is None or old is None or new["estimate"] is None or old["estimate"] is None:
        return Number(None)
    change = new["estimate"] - old["estimate"]
    if new["se"] is None or old["se"] is None:
        return Number(change)
    half = _Z * hypot(new["se"], old["se"])
    return Number(change, change - half, change + half)


def movement(change: Number) -> str:
    """`rose by 10.0 points`, `fell by 2.1 points`, or `did not move measurably (+0.4)`."""
    if change.estimate is None:
        return "cannot be compared"
    if change.has_interval and not change.excludes_zero:
        return f"did not move measurably ({change.points} points, 95 % interval {change.interval})"
    verb = "rose" if change.estimate > 0 else "fell"
    return f"{verb} by {100 * abs(change.estimate):.1f} points"


def _clean(text: str) -> str:
    """A true minus sign, and no sign on a zero."""
    return "0.0" if text in {"-0.0", "+0.0", "0.0"} else text.replace("-", MINUS)
