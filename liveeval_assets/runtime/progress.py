"""Progress of a batch of calls: a live bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

_LINE_SECONDS = 5.0


class CallProgress:
    """Counts finished calls of one batch and shows label, done/total, bought, rate and cost on stderr."""

    def __init__(self, label: str, total: int, served: int) -> None:
        self._label, self._total, self._served = label, total, served
        self._bought, self._lost, self._cost = 0, 0, 0.0
        self._started = self._shown = time.monotonic()
        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        if self._console.is_terminal:
            columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.fields[counts]}"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task(label, total=total, completed=served, counts=self.line)

    @property
    def line(self) -> str:
        """`512/900  480 bought  120/s  $0.02`."""
        rate = self._bought / max(time.monotonic() - self._started, 1e-3)
        lost = f"  {self._lost} came to nothing" if self._lost else ""
        return f"{self._ended}/{self._total}  {self._bought} bought{lost}  {rate:.0f}/s  ${self._cost:.2f}"

    @property
    def _ended(self) -> int:
        return self._served + self._bought + self._lost

    def add(self, cost_usd: float, *, is_finished: bool) -> None:
        """One more call came to its end."""
        self._bought += is_finished
        self._lost += not is_finished
        self._cost += cost_usd
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(self._task, completed=self._ended, counts=self.line)
        elif now - self._shown >= _LINE_SECONDS:
            self._shown = now
            self._console.print(f"  {self._label}  {self.line}")

    def __enter__(self) -> Self:
        """Start to show."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave one line behind."""
        if self._bar is not None:
            self._bar.stop()
        if self._bought or self._lost:
            self._console.print(f"  {self._label}  {self.line}")
