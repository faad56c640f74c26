"""The demo's own criterion: from raw traces to the gap on twenty seeds, the fixed one among them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from liveeval_assets.simulation.world import World
from tests.worlds.demo import COMPONENTS, LINES, Line, run_demos
from tests.worlds.evidence import record

pytestmark = [pytest.mark.proof, pytest.mark.timeout(5400)]

DEMO = World().seed
SEEDS = (DEMO, *range(1, 20))
AT_LEAST = 8
COVERAGE = 0.90
# standard errors of METHODS section 10: 800 + 800 items, 200 + 200 labels, 20,000 conversations; self_pref is exempt
SE = {"position": 0.010, "verbosity": 0.008, "false_pass": 0.009, "false_fail": 0.019, "contamination": 0.015}
SE |= {"mix": 0.017, "within": 0.041, "construct": 0.026, "selection": 0.004}
WIDER = 1.25
_ITEMS, _LABELS, _CONVERSATIONS = 800, 200, 20_000


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    # beside the evidence, so that every proof of a commit looks at the same homes
    where = os.environ.get("LIVEEVAL_EVIDENCE")
    found = run_demos(SEEDS, (Path(where).parent if where else tmp_path_factory.getbasetemp()) / "demos")
    _record(found)
    return found


def test_the_demo_covers_its_truth(lines: list[Line]) -> None:
    """For each release, level and growth, at least 8 of 10 components; over all of them 90 %."""
    own = [x for x in lines if x.seed == DEMO and x.component in COMPONENTS]
    groups = {(x.release, x.form) for x in own}
    assert len(groups) == 7
    covered = {g: sum(x.is_covered for x in own if (x.release, x.form) == g) for g in groups}
    assert {g: n for g, n in covered.items() if n < AT_LEAST} == {}
    assert np.mean([x.is_covered for x in own]) >= COVERAGE


def test_what_was_planted_is_found(lines: list[Line]) -> None:
    """Growth of verbosity and contamination of the last release, and the total growth, are told from zero in the demo."""
    found = {x.component: x for x in lines if (x.seed, x.release, x.form) == (DEMO, "r4", "growth")}
    for name, least in (("verbosity", 0.05), ("contamination", 0.12), ("gap", 0.2)):
        assert found[name].truth >= least
        assert found[name].excludes_zero, name
        assert (found[name].estimate or 0.0) > 0, name


def test_twenty_seeds_cover_the_truth(lines: list[Line]) -> None:
    parts = [x for x in lines if x.component in COMPONENTS]
    assert np.mean([x.is_covered for x in parts]) >= COVERAGE
    # no component hides behind the others: releases and weeks of a world are not independent, so the bound is loose
    shares = {name: float(np.mean([x.is_covered for x in parts if x.component == name])) for name in COMPONENTS}
    assert {n: s for n, s in shares.items() if s < COVERAGE - 0.08} == {}


def test_intervals_are_no_wider_than_they_need_be(lines: list[Line]) -> None:
    wide = {}
    for name, se in SE.items():
        for form in ("level", "growth"):
            own = [x for x in lines if (x.component, x.form) == (name, form) and x.se is not None]
            allowed = np.mean([se * _scale(x) * (math.sqrt(2) if form == "growth" else 1) for x in own])
            found = np.mean([x.se for x in own])
            if found > WIDER * allowed:
                wide[name, form] = (float(found), float(allowed))
    assert wide == {}


def _scale(line: Line) -> float:
    if line.component == "selection":
        return math.sqrt(_CONVERSATIONS / line.n)
    # what is labelled twice over, frozen and living, has 400 labels in section 10; n counts both sets there too
    sets = 1 if line.component in {"position", "verbosity", "false_pass", "false_fail", "construct"} else 2
    items = line.n_labels if line.component == "construct" else line.n
    return math.sqrt(max(sets * _ITEMS / items, sets * _LABELS / line.n_labels))


def _record(lines: Sequence[Line]) -> None:
    def figures(own: Sequence[Line]) -> dict[str, float]:
        z = [x.error / x.se for x in own if x.se]
        found = {"coverage": np.mean([x.is_covered for x in own]), "bias": np.mean([x.error for x in own]), "mean SE": np.mean([x.se for x in own])}
        found |= {"mean z": np.mean(z) if z else 0.0, "mean n": np.mean([x.n for x in own]), "mean labels": np.mean([x.n_labels for x in own])}
        return {k: float(v) for k, v in found.items()}

    def table(keep: Callable[[Line], bool]) -> dict[str, dict[str, float]]:
        kept = [x for x in lines if keep(x)]
        rows = {(x.component, x.form) for x in kept}
        return {f"{c} ({f})": figures([x for x in kept if (x.component, x.form) == (c, f)]) for f in ("level", "growth") for c in LINES if (c, f) in rows}

    record(f"Demo from raw traces, seeds {', '.join(map(str, SEEDS))}", table(lambda _: True))
    record(f"Demo from raw traces, the fixed seed {DEMO}", table(lambda x: x.seed == DEMO))
