"""The ladder on hundreds of worlds at the sizes of a real week: coverage, bias, width and power of every component."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pytest

from tests.worlds.evidence import record
from tests.worlds.ladder import Size
from tests.worlds.mutations import ignoring_probability, ignoring_raters
from tests.worlds.tally import COMPONENTS, Tally, failing_cells, many_worlds

pytestmark = pytest.mark.proof

WORLDS = 400
PROCESSES = 2
REPLICATES = 200
FULL = Size()
LESS_TRAFFIC = Size(traces=6_000)
FEW_LABELS = Size(traces=6_000, label_rate=0.075)
LOWEST = {"level": 0.92, "growth": 0.89}
RMSE_AT_MOST = {
    "position": 0.012,
    "verbosity": 0.010,
    "self_pref": 0.013,
    "false_pass": 0.011,
    "false_fail": 0.022,
    "contamination": 0.018,
    "mix": 0.020,
    "within": 0.050,
    "construct": 0.032,
    "selection": 0.005,
    "gap": 0.022,
}
JUDGE = ("position", "verbosity", "self_pref", "false_pass", "false_fail")
ZERO_IN_NULL = set(COMPONENTS) - {"false_pass", "false_fail", "gap"}
Tallies = Mapping[tuple[str, str], Tally]


def run(variant: str, *, size: Size = LESS_TRAFFIC, worlds: int = WORLDS, change: Callable[[pa.Table], pa.Table] | None = None) -> Tallies:
    """Tallies over fixed seeds."""
    return many_worlds(range(worlds), variant=variant, size=size, replicates=REPLICATES, processes=PROCESSES, change=change)


def measured(section: str, tallies: Tallies) -> Tallies:
    """Write the figures down before any of them is judged."""
    record(section, {f"{name} ({form})": tallies[form, name].figures() for form in LOWEST for name in COMPONENTS if (form, name) in tallies})
    return tallies


def miscovered(tallies: Tallies, *, at_least_only: frozenset[str] | set[str] = frozenset()) -> dict[str, float]:
    """Cells whose coverage is out of the band beyond chance; those of `at_least_only` may cover too often."""
    failed: dict[str, float] = {}
    for form, low in LOWEST.items():
        cells = {name: t for (f, name), t in tallies.items() if f == form and name in COMPONENTS}
        hits = {name: (int(t.covers.sum()), len(t.error)) for name, t in cells.items()}
        wrong = failing_cells(hits, low=low)
        failed |= {f"{name} ({form})": p for name, p in wrong.items() if not (name in at_least_only and cells[name].covers.mean() >= low)}
    return failed


def biased(tallies: Tallies) -> dict[str, float]:
    """Cells whose mean error is more than a tenth of the standard error and .0015."""
    cells = {key: t for key, t in tallies.items() if key[1] in COMPONENTS}
    return {f"{n} ({f})": float(t.error.mean()) for (f, n), t in cells.items() if abs(t.error.mean()) > 0.1 * t.se.mean() + 0.0015}


@pytest.fixture(scope="module")
def linear() -> Tallies:
    tallies = run("linear", size=FULL)
    return measured(f"Ladder, {WORLDS} worlds with an additive judge", tallies)


def test_additive_judge(linear: Tallies) -> None:
    assert miscovered(linear) == {}
    assert biased(linear) == {}
    level = {name: linear["level", name] for name in COMPONENTS}
    rmse = {name: float(np.sqrt((t.error**2).mean())) for name, t in level.items()}
    assert {n: v for n, v in rmse.items() if v > RMSE_AT_MOST[n]} == {}
    # widths that tell the truth: neither boastful nor timid
    ratio = {n: rmse[n] / float(t.se.mean()) for n, t in level.items()}
    assert {n: v for n, v in ratio.items() if not 0.85 <= v <= 1.15} == {}


def test_logit_judge() -> None:
    """The regression is additive, the judge is not."""
    tallies = measured("Ladder, judge additive on the logit", run("logit"))
    assert miscovered(tallies) == {}
    assert {n: b for n in JUDGE if abs(b := float(tallies["level", n].error.mean())) > 0.003} == {}


def test_null_world() -> None:
    """Nothing biased, nothing drifted: what is zero is found zero."""
    tallies = measured("Ladder, null world", run("null"))
    assert miscovered(tallies, at_least_only=ZERO_IN_NULL) == {}
    assert biased(tallies) == {}


def test_few_labels() -> None:
    tallies = measured("Ladder, 60 labels per set", run("linear", size=FEW_LABELS))
    assert miscovered(tallies) == {}


def test_informative_labels() -> None:
    """Disagreements are labelled four times as often: right with the known probabilities, wrong without."""
    right = run("informative")
    measured("Ladder, labels where the orders disagree", right)
    assert miscovered(right) == {}
    wrong = run("informative", change=ignoring_probability)
    measured("Ladder, the same with label probabilities ignored (must fail)", wrong)
    assert "false_pass (level)" in miscovered(wrong)


def test_label_noise() -> None:
    """Raters err once in twenty: right with their error rates, wrong without."""
    right = run("noisy")
    measured("Ladder, 5 % of labels flipped", right)
    assert miscovered(right) == {}
    wrong = run("noisy", worlds=200, change=ignoring_raters)
    measured("Ladder, the same with raters' errors ignored (must fail)", wrong)
    assert "false_pass (level)" in miscovered(wrong)


@pytest.mark.parametrize(("variant", "component", "least"), [("long", "verbosity", 0.95), ("leaky", "contamination", 0.80)])
def test_five_points_are_found(variant: str, component: str, least: float) -> None:
    tally = run(variant, worlds=200)["level", component]
    power = float((tally.estimate > 1.96 * tally.se).mean())
    record(f"Power: {component} of 5 points", {component: {"true mean": float(tally.truth.mean()), "share found": power, "worlds": len(tally.se)}})
    # probabilities end at 1, which takes a little from what was planted
    assert tally.truth.mean() == pytest.approx(0.05, abs=0.003)
    assert power >= least
