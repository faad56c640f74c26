"""Estimates against truth over many worlds: bias, spread and coverage of every component."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
from scipy.stats import binom

from liveeval_assets.scorecards.gap import build_gap
from liveeval_assets.scorecards.outcome_model import with_outcomes
from liveeval_assets.scorecards.quality import with_quality
from tests.worlds.ladder import RUNGS, WEEK, Size, covered_strata, draw_world, sample, truth

COMPONENTS = (*(c for c in RUNGS if c != "uncovered"),)
DEFAULT_SIZE = Size()
Found = dict[tuple[str, str, str], tuple[float, float, float]]
"""(release, form, component) -> estimate, standard error, truth."""


@dataclass(frozen=True)
class Tally:
    """One component over worlds, arrays of equal length."""

    estimate: np.ndarray
    se: np.ndarray
    truth: np.ndarray

    @property
    def error(self) -> np.ndarray:
        return self.estimate - self.truth

    @property
    def covers(self) -> np.ndarray:
        # an exact zero with no spread covers a true zero
        return np.abs(self.error) <= 1.959964 * self.se + 1e-9

    def figures(self) -> dict[str, float]:
        """What the evidence page tables."""
        found = {"worlds": len(self.error), "true mean": self.truth.mean(), "bias": self.error.mean(), "RMSE": np.sqrt((self.error**2).mean())}
        found |= {"mean SE": self.se.mean(), "coverage": self.covers.mean()}
        return {k: float(v) for k, v in found.items()}


def gap_of(table: pa.Table, *, releases: Sequence[str] = ("r3",), replicates: int = 60, seed: int = 0) -> pa.Table:
    """From raw units to scorecards/gap."""
    return build_gap(with_outcomes(with_quality(table, seed), seed), week=WEEK, releases=list(releases), reference="r1", replicates=replicates, seed=seed)


def one_world(
    seed: int, variant: str, size: Size, replicates: int, releases: Sequence[str] = ("r3",), change: Callable[[pa.Table], pa.Table] | None = None
) -> Found:
    """Draw a world, sample it, estimate, and set the truth beside it."""
    world = draw_world(seed, variant)
    table = sample(world, seed, size)
    covered = {r: covered_strata(table, r) for r in {*releases, "r1"}}
    level = {r: truth(world, r, c) for r, c in covered.items()}
    found: Found = {}
    for row in gap_of(change(table) if change else table, releases=releases, replicates=replicates, seed=seed).to_pylist():
        release, form, name = row["release_id"], row["form"], row["component"]
        if name in RUNGS and row["is_identified"]:
            true = level[release][name] - (level["r1"][name] if form == "growth" else 0.0)
            found[release, form, name] = (row["estimate"], row["se"], true)
    return found


def many_worlds(
    seeds: Sequence[int],
    *,
    variant: str = "linear",
    size: Size = DEFAULT_SIZE,
    replicates: int = 200,
    processes: int = 1,
    change: Callable[[pa.Table], pa.Table] | None = None,
) -> dict[tuple[str, str], Tally]:
    """(form, component) -> tally for release r3."""
    work = partial(one_world, variant=variant, size=size, replicates=replicates, change=change)
    if processes == 1:
        found = [work(s) for s in seeds]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(work, seeds, chunksize=5))
    cells = sorted({(form, name) for f in found for _, form, name in f})
    return {(form, name): Tally(*np.array([f["r3", form, name] for f in found if ("r3", form, name) in f]).T) for form, name in cells}


def failing_cells(covered: Mapping[str, tuple[int, int]], *, low: float = 0.92, high: float = 0.98, level: float = 0.01) -> dict[str, float]:
    """Cells whose (hits, worlds) an exact binomial test tells from every coverage in [low, high], by Holm: cell -> p value."""
    p = {c: min(1.0, 2 * min(float(binom.cdf(k, n, low)), float(binom.sf(k - 1, n, high)))) for c, (k, n) in covered.items()}
    failed: dict[str, float] = {}
    for rank, cell in enumerate(sorted(p, key=p.__getitem__)):
        if p[cell] > level / (len(p) - rank):
            break
        failed[cell] = p[cell]
    return failed
