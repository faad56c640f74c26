"""The latent variables behind each answer: quality, length exposure; a pure function of text, release and world."""

from __future__ import annotations

import math

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation.schedule import base_quality, normal
from liveeval_assets.simulation.topics import TOPICS
from liveeval_assets.simulation.world import ELL_SD, Release, World


def p_good(world: World, topic: int, release: Release, *, is_hard: bool, is_leaked: bool = False) -> float:
    """P(Q = 1) = mu_topic + release effect - hardness, plus the uplift where the release was trained on the question."""
    p = base_quality(world)[topic] + release.effect - (world.hardness if is_hard else 0.0)
    return p + world.leak_uplift if is_leaked and release.name == world.leaked_to.name else p


def is_good(world: World, p: float, release: Release, key: str) -> bool:
    """Q of the conversation that begins with the question `key` (canonical text).

    With probability `coupling` all releases share the question's own uniform, so that releases are paired on the same items.
    """
    is_shared = uniform(world.seed, "coupled", release.name, key) < world.coupling
    return uniform(world.seed, "quality", "" if is_shared else release.name, key) < p


def ell(world: World, release: Release, key: str) -> float:
    """Length exposure of the answer to the question `key`: N(release mean, ell_sd), clipped."""
    value = release.ell + world.ell_sd * normal(world.seed, "length", release.name, key)
    return min(max(value, world.ell_range[0]), world.ell_range[1])


def characters(topic: int, exposure: float) -> int:
    """Length of an answer of that exposure."""
    return round(TOPICS[topic].reference_length * math.exp(ELL_SD * exposure))


def exposure_of(world: World, topic: int | None, n_characters: int) -> float:
    """The exposure that an answer's length shows; 0 if there is no topic, clipped like every drawn one."""
    if topic is None:
        return 0.0
    low, high = world.ell_range
    if n_characters <= 0:
        return low
    return min(max(math.log(n_characters / TOPICS[topic].reference_length) / ELL_SD, low), high)
