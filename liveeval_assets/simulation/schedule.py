"""How the world drifts: topic shares by week, the share of hard questions, the topics' base quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation.topics import TOPICS
from liveeval_assets.simulation.world import World

_NORMAL = NormalDist()
_TINY = 1e-12
N_FIRST = len(TOPICS) - 1
"""Topics that exist from the start; the last one appears later."""


def normal(seed: int, purpose: str, *ids: object) -> float:
    """A standard normal number that depends on seed, purpose and ids alone."""
    return _NORMAL.inv_cdf(min(max(uniform(seed, purpose, *ids), _TINY), 1 - _TINY))


@lru_cache(maxsize=64)
def base_quality(world: World) -> tuple[float, ...]:
    """mu_s: P(Q = 1) of each topic under the first release, easy question; evenly spread, in an order by seed."""
    low, high = world.quality
    order = sorted(range(len(TOPICS)), key=lambda s: uniform(world.seed, "quality order", s))
    step = (high - low) / (len(TOPICS) - 1)
    return tuple(low + step * order.index(s) for s in range(len(TOPICS)))


def past_shares(world: World) -> tuple[float, ...]:
    """Topic shares before week 1: the mix that the frozen set was drawn from (the new topic has none)."""
    return (*_softmax([0.15 * normal(world.seed, "share", s) for s in range(N_FIRST)]), 0.0)


@lru_cache(maxsize=1024)
def shares(world: World, week: int) -> tuple[float, ...]:
    """Topic shares of the 0-based week: each release shifts them, and they walk a little every week."""
    logs = [math.log(p) for p in past_shares(world)[:N_FIRST]]
    for w in range(week + 1):
        is_jump = w > 0 and world.release_of(w) is not world.release_of(w - 1)
        for s in range(N_FIRST):
            logs[s] += world.mix_walk * normal(world.seed, "walk", w, s)
            if is_jump:
                logs[s] += world.mix_jump * normal(world.seed, "jump", w, s)
    new = world.new_topic_share if week >= world.new_topic_week else 0.0
    return (*(p * (1 - new) for p in _softmax(logs)), new)


def volume(world: World, week: int) -> int:
    """Conversations of the week: the mean and a few percent."""
    return max(1, round(world.conversations * (1 + 0.03 * normal(world.seed, "volume", week))))


@lru_cache(maxsize=1024)
def hard_share(world: World, week: int) -> float:
    """Share of hard questions in the week: rises with releases and mix so that production quality stays level."""
    mean, first = (math.fsum(p * mu for p, mu in zip(shares(world, w), base_quality(world), strict=True)) for w in (week, 0))
    gain = mean - first + world.release_of(week).effect - world.release_of(0).effect
    return min(max(world.base_hard + gain / world.hardness, 0.0), 1.0)


def mean_ell(world: World, mean: float) -> float:
    """Mean of N(mean, ell_sd) clipped to ell_range (closed form)."""
    low, high = ((bound - mean) / world.ell_sd for bound in world.ell_range)
    inside = mean * (_NORMAL.cdf(high) - _NORMAL.cdf(low)) + world.ell_sd * (_NORMAL.pdf(low) - _NORMAL.pdf(high))
    return world.ell_range[0] * _NORMAL.cdf(low) + inside + world.ell_range[1] * (1 - _NORMAL.cdf(high))


def _softmax(logs: Sequence[float]) -> list[float]:
    weights = [math.exp(x) for x in logs]
    total = math.fsum(weights)
    return [w / total for w in weights]
