"""Demo-sized worlds from raw traces to the gap, by the real command, beside the truth that was written apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from liveeval_assets.runtime.home import Home
from liveeval_assets.simulation.world import World
from liveeval_assets.tables import TABLES
from tests.homes import demo_home, liveeval

COMPONENTS = ("position", "verbosity", "self_pref", "false_pass", "false_fail", "contamination", "mix", "within", "construct", "selection")
LINES = (*COMPONENTS, "gap")
_Z = 1.959964


@dataclass(frozen=True)
class Line:
    """A line of the gap of one release in its own last week, beside its true value."""

    seed: int
    release: str
    form: str
    component: str
    estimate: float | None
    se: float | None
    truth: float
    n: int
    n_labels: int

    @property
    def error(self) -> float:
        return float("nan") if self.estimate is None else self.estimate - self.truth

    @property
    def is_covered(self) -> bool:
        # an exact zero with no spread covers a true zero; a null covers nothing
        return self.estimate is not None and abs(self.error) <= _Z * (self.se or 0.0) + 1e-9

    @property
    def excludes_zero(self) -> bool:
        return self.estimate is not None and abs(self.estimate) > _Z * (self.se or 0.0)


def run_demos(seeds: Sequence[int], folder: Path, processes: int = 2) -> list[Line]:
    """Lines of every seed; a home that is complete is not run again."""
    with ThreadPoolExecutor(processes) as pool:
        return [line for found in pool.map(lambda seed: _run(seed, folder / f"seed-{seed}"), seeds) for line in found]


def _run(seed: int, home: Path) -> list[Line]:
    if not (home / "liveeval.yaml").is_file():
        demo_home(home, World(seed=seed))
    # the key that `liveeval demo` would use: draws depend on pseudonyms
    done = liveeval(home, "refresh", seconds=1800, LIVEEVAL_HMAC_KEY=(home / ".secrets" / "hmac_key").read_text("ascii"))
    assert done.returncode == 0, f"seed {seed}: {done.stderr[-3000:]}"
    return lines_of(home, seed)


def lines_of(home: Path, seed: int) -> list[Line]:
    """Every line with a true value, level and growth."""
    truth = json.loads((home / ".truth" / "truth.json").read_text("utf-8"))
    rows = Home(home).lake.read(TABLES["scorecards/gap"]).to_pylist()
    last: dict[str, date] = {}
    for row in rows:
        last[row["release_id"]] = max(row["week"], last.get(row["release_id"], row["week"]))
    return [
        Line(
            seed=seed,
            release=row["release_id"],
            form=row["form"],
            component=row["component"],
            estimate=row["estimate"],
            se=row["se"],
            truth=truth[row["form"]][row["release_id"]][row["component"]],
            n=row["n"],
            n_labels=row["n_labels"],
        )
        for row in rows
        if row["week"] == last[row["release_id"]] and row["component"] in LINES
    ]
