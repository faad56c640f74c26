"""The superpopulation truth of a world: every rung of the ladder from the latent parameters, never from rendered text.

The frozen set is a sample of the mix before week 1, so its truth is the value under that mix; whether an item leaked does not
depend on its topic or quality. Topics are the strata. C holds the topics with at least five clean frozen items; a topic that appears
later is outside it. A release's domain is the weeks that it serves, weighted by their conversations. Sums over
topics are exact; the user effect is integrated on a fine grid.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from liveeval_assets.simulation import latent, population, schedule
from liveeval_assets.simulation.frozen import allocate
from liveeval_assets.simulation.topics import TOPICS
from liveeval_assets.simulation.world import Release, World

RUNGS = ("t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t7b", "t8", "t9", "t10")
COMPONENTS = (
    "position",
    "verbosity",
    "self_pref",
    "false_pass",
    "false_fail",
    "contamination",
    "mix",
    "within",
    "uncovered",
    "construct",
    "selection",
)
_MIN_CLEAN = 5
_GRID = 400
_WINDOW = 4


def truth(world: World) -> dict[str, object]:
    """Rungs, level and growth components of every live release, and the weekly course of production."""
    rungs = {r.name: ladder(world, r) for r in world.live}
    level = {name: components(values) for name, values in rungs.items()}
    first = level[world.live[0].name]
    growth = {name: {c: values[c] - first[c] for c in values} for name, values in level.items()}
    return {
        "topics": [t.name for t in TOPICS],
        "rungs": rungs,
        "level": level,
        "growth": growth,
        "weeks": [_week(world, w) for w in range(world.weeks)],
        "domain": {r.name: [str(world.monday(w)) for w in domain(world, r)] for r in world.live},
        "frozen_shares": list(schedule.past_shares(world)),
    }


def components(rungs: dict[str, float]) -> dict[str, float]:
    """Consecutive differences, named, and their sum `gap` = t0 - t10."""
    parts = {name: rungs[a] - rungs[b] for name, a, b in zip(COMPONENTS, RUNGS[:-1], RUNGS[1:], strict=True)}
    return {**parts, "gap": rungs["t0"] - rungs["t10"]}


def ladder(world: World, release: Release) -> dict[str, float]:
    """t0 to t10 of a release against the naive judge (the first of `world.judges`)."""
    judge, shares_e = world.judges[0], schedule.past_shares(world)
    clean = [latent.p_good(world, s, release, is_hard=False) for s in range(len(TOPICS))]
    leaked = [latent.p_good(world, s, release, is_hard=False, is_leaked=True) for s in range(len(TOPICS))]
    seen = [world.leak_share * high + (1 - world.leak_share) * low for low, high in zip(clean, leaked, strict=True)]
    covered, living = covers(world), living_quality(world, release)
    shares_p, outcome, observed = domain_shares(world, release), *outcomes(world, release)
    quality_e = _dot(shares_e, seen)
    verbosity = judge.length * schedule.mean_ell(world, release.ell)
    kinship = judge.kin * (judge.family == release.family)
    t3 = judge.base + judge.good * quality_e
    return {
        "t0": t3 + kinship + verbosity + judge.position,
        "t1": t3 + kinship + verbosity,
        "t2": t3 + kinship,
        "t3": t3,
        "t4": t3 - judge.base * (1 - quality_e),
        "t5": quality_e,
        "t6": _within(covered, shares_e, clean),
        "t7": _within(covered, shares_p, clean),
        "t7b": _within(covered, shares_p, living),
        "t8": _dot(shares_p, living),
        "t9": outcome,
        "t10": observed,
    }


def covers(world: World) -> list[int]:
    """C: topics with at least five clean frozen items."""
    counts = allocate(world.frozen_size, schedule.past_shares(world))
    return [s for s, n in enumerate(counts) if n * (1 - world.leak_share) >= _MIN_CLEAN]


def domain(world: World, release: Release) -> list[int]:
    """The last weeks that the release serves, at most four: what its scorecard looks at."""
    return world.weeks_of(release)[-_WINDOW:]


def domain_shares(world: World, release: Release) -> list[float]:
    """p_P(s): topic shares over the weeks that the release serves."""
    weeks = domain(world, release)
    total = sum(schedule.volume(world, w) for w in weeks)
    return [math.fsum(schedule.volume(world, w) * schedule.shares(world, w)[s] for w in weeks) / total for s in range(len(TOPICS))]


def quality_at(world: World, release: Release, week: int, topic: int) -> float:
    """P(Q = 1) of the topic's production in the week: easy and hard questions in that week's proportion."""
    hard = schedule.hard_share(world, week)
    return latent.p_good(world, topic, release, is_hard=False) - world.hardness * hard


def living_quality(world: World, release: Release) -> list[float]:
    """Mean P(Q = 1) of each topic's production over the domain; 0 for a topic without traffic."""
    found = []
    for s in range(len(TOPICS)):
        mass = {w: schedule.volume(world, w) * schedule.shares(world, w)[s] for w in domain(world, release)}
        total = math.fsum(mass.values())
        found.append(math.fsum(m * quality_at(world, release, w, s) for w, m in mass.items()) / total if total else 0.0)
    return found


def outcomes(world: World, release: Release) -> tuple[float, float]:
    """E[Y] over all production of the domain, and E[Y | R = 1]."""
    y_all = y_seen = n_all = n_seen = 0.0
    for w in domain(world, release):
        for s, share in enumerate(schedule.shares(world, w)):
            mass = schedule.volume(world, w) * share
            y, ry, r = _integrals(world, s, quality_at(world, release, w, s))
            y_all, y_seen, n_all, n_seen = y_all + mass * y, y_seen + mass * ry, n_all + mass, n_seen + mass * r
    return y_all / n_all, y_seen / n_seen


def _integrals(world: World, topic: int, quality: float) -> tuple[float, float, float]:
    """E[Y], E[R Y], E[R] over users (standard normal effect, midpoints of equal probability)."""
    y = ry = r = 0.0
    for i in range(_GRID):
        effect = NormalDist().inv_cdf((i + 0.5) / _GRID)
        p_y = quality * population.p_outcome(world, True, effect) + (1 - quality) * population.p_outcome(world, False, effect)
        p_r = population.p_observed(world, topic, effect)
        y, ry, r = y + p_y / _GRID, ry + p_y * p_r / _GRID, r + p_r / _GRID
    return y, ry, r


def _week(world: World, week: int) -> dict[str, object]:
    release, shares = world.release_of(week), schedule.shares(world, week)
    quality = [quality_at(world, release, week, s) for s in range(len(TOPICS))]
    parts = [_integrals(world, s, quality[s]) for s in range(len(TOPICS))]
    return {
        "week": str(world.monday(week)),
        "release": release.name,
        "volume": schedule.volume(world, week),
        "hard_share": schedule.hard_share(world, week),
        "shares": list(shares),
        "quality": _dot(shares, quality),
        "north_star": _dot(shares, [y for y, _, _ in parts]),
        "north_star_observed": _dot(shares, [ry for _, ry, _ in parts]) / _dot(shares, [r for _, _, r in parts]),
    }


def _dot(weights: list[float] | tuple[float, ...], values: list[float]) -> float:
    return math.fsum(w * v for w, v in zip(weights, values, strict=True))


def _within(strata: list[int], weights: list[float] | tuple[float, ...], values: list[float]) -> float:
    """Mean over some strata, their weights renormalised."""
    total = math.fsum(weights[s] for s in strata)
    return math.fsum(weights[s] * values[s] for s in strata) / total if total else 0.0
