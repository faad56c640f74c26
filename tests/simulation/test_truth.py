from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import pytest

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation import author, latent, schedule
from liveeval_assets.simulation.frozen import frozen_items, leaked_keys
from liveeval_assets.simulation.population import Conversation, conversations
from liveeval_assets.simulation.questions import Questions
from liveeval_assets.simulation.truth import COMPONENTS, RUNGS, components, covers, ladder, outcomes, truth
from liveeval_assets.simulation.world import World, from_json, to_json

SEEDS = (20260601, *range(1, 20))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_demo_shows_what_it_is_for(seed: int) -> None:
    world = World(seed=seed)
    found = truth(world)
    rungs, growth = found["rungs"], found["growth"]
    offline = [rungs[r.name]["t0"] for r in world.releases]
    assert offline == sorted(offline)
    assert offline[-1] - offline[0] >= 0.2
    for rung in ("t9", "t10"):
        assert all(abs(rungs[r.name][rung] - rungs["r1"][rung]) < 0.02 for r in world.releases)
    assert growth["r4"]["verbosity"] >= 0.05
    assert growth["r4"]["contamination"] >= 0.12
    assert growth["r4"]["gap"] > 0.2
    assert all(abs(sum(parts[c] for c in COMPONENTS) - parts["gap"]) < 1e-12 for parts in [*found["level"].values(), *growth.values()])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_probability_is_ever_clipped(seed: int) -> None:
    world = World(seed=seed)
    for judge in world.judges:
        low = judge.base + judge.length * world.ell_range[0] - judge.position
        high = judge.base + judge.good + judge.length * world.ell_range[1] + judge.kin + judge.position
        assert low >= 0
        assert high <= 1 + 1e-12
    for release in world.releases:
        for s in range(9):
            assert latent.p_good(world, s, release, is_hard=True) > 0.1
            assert latent.p_good(world, s, release, is_hard=False, is_leaked=True) <= 0.97 + 1e-12
    assert all(0 < schedule.hard_share(world, w) < 0.9 for w in range(world.weeks))


def test_rungs_by_hand_in_a_plain_world() -> None:
    """One quality everywhere, no leak, no hard questions: every rung can be written down."""
    world = World(quality=(0.5, 0.5), hardness=1e9, base_hard=0.0, leak_share=0.0, new_topic_share=0.0, outcome=(0.2, 0.5, 0.0), weeks=3)
    rungs, judge = ladder(world, world.releases[0]), world.judges[0]
    t4 = (judge.base + judge.good) * 0.5
    assert rungs == pytest.approx(
        {"t0": judge.base + judge.good / 2 + judge.position, "t1": judge.base + judge.good / 2, "t4": t4}
        | dict.fromkeys(("t2", "t3"), judge.base + judge.good / 2)
        | dict.fromkeys(("t5", "t6", "t7", "t7b", "t8"), 0.5)
        | dict.fromkeys(("t9", "t10"), 0.45),
        abs=1e-3,
    )
    assert components(rungs)["false_fail"] == pytest.approx(-(1 - judge.base - judge.good) / 2)
    assert tuple(rungs) == RUNGS


def test_clipped_mean_of_the_length_exposure() -> None:
    world = World()
    for mean in (0.0, 0.75, 1.1, 1.9):
        drawn = [min(max(mean + world.ell_sd * schedule.normal(1, "x", i), world.ell_range[0]), world.ell_range[1]) for i in range(40_000)]
        assert schedule.mean_ell(world, mean) == pytest.approx(math.fsum(drawn) / len(drawn), abs=0.008)


def test_parameters_survive_json() -> None:
    world = World(seed=9, weeks=5)
    assert from_json(to_json(world)) == world


@lru_cache(maxsize=1)
def _production() -> tuple[World, list[Conversation]]:
    world = World(seed=3, conversations=500)
    return world, list(conversations(world, Questions(world)))


def _near(values: list[float], p: float, sds: float = 4.0) -> bool:
    """Whether the mean of 0/1 values fits a probability, within `sds` binomial standard errors."""
    return abs(math.fsum(values) / len(values) - p) < sds * math.sqrt(max(p * (1 - p), 0.01) / len(values))


def test_production_realises_its_shares_quality_and_outcomes() -> None:
    world, people = _production()
    for release in world.releases:
        mine = [c for c in people if c.release is release]
        rungs = ladder(world, release)
        assert _near([c.is_good for c in mine], rungs["t8"])
        # users are clusters: allow for them
        assert _near([c.outcome for c in mine], rungs["t9"], 5)
        assert _near([c.outcome for c in mine if c.is_observed], rungs["t10"], 5)
        assert rungs["t9"] == pytest.approx(outcomes(world, release)[0])
        covered = [latent.p_good(world, c.topic, release, is_hard=False) for c in mine if c.topic in covers(world)]
        # a mean of known probabilities, so only the mix is left to chance
        assert math.fsum(covered) / len(covered) == pytest.approx(rungs["t7"], abs=0.003)
        hard = sum(schedule.hard_share(world, w) * schedule.volume(world, w) for w in world.weeks_of(release)) / len(mine)
        assert _near([c.is_hard for c in mine], hard)
    for week in (0, 6, 11):
        mine = [c for c in people if c.week == week]
        for s, share in enumerate(schedule.shares(world, week)):
            assert _near([c.topic == s for c in mine], share)


def test_all_turns_of_a_conversation_share_its_quality() -> None:
    from liveeval_assets.simulation.factbook import find

    _, people = _production()
    long = [c for c in people if len(c.turns) > 1]
    assert 0.2 < len(long) / len(people) < 0.3
    assert all(find(t.masked, t.answer).is_good is c.is_good for c in people for t in c.turns)


def test_users_have_several_conversations_and_a_skewed_activity() -> None:
    _, people = _production()
    order = sorted(Counter(c.person.name for c in people).values(), reverse=True)
    assert sum(order[: len(order) // 10]) / len(people) > 0.2
    assert order[0] / len(people) < 0.02
    assert len(people) / len(order) > 2


def test_frozen_set_realises_quality_and_leak_uplift() -> None:
    world = World(seed=8, frozen_size=900)
    questions = Questions(world)
    items = frozen_items(world, questions)
    leaked = leaked_keys(items)
    for release in world.releases:
        found = [author.quality(world, release, i.first, leaked) for i in items]
        assert _near([float(q) for q in found], ladder(world, release)["t5"])
        clean = [float(q) for q, i in zip(found, items, strict=True) if not i.is_leaked]
        assert _near(clean, ladder(world, release)["t6"])


def test_releases_are_paired_on_the_same_question() -> None:
    world, people = _production()
    keys = [c.turns[0].masked for c in people[:1500]]
    one, two = ([author.quality(world, world.releases[r], k, frozenset()) for k in keys] for r in (0, 1))
    agree = sum(a == b for a, b in zip(one, two, strict=True)) / len(keys)
    assert agree > 0.6
    apart = replace(world, coupling=0.0)
    one, two = ([author.quality(apart, apart.releases[r], k, frozenset()) for k in keys] for r in (0, 1))
    assert sum(a == b for a, b in zip(one, two, strict=True)) / len(keys) < agree - 0.1
    assert 0 <= uniform(1, "x") < 1
