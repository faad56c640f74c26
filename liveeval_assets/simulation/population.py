"""Production: users, their conversations, what became of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.shared.weeks import start_of
from liveeval_assets.simulation import author, schedule
from liveeval_assets.simulation.people import User, spoken, user
from liveeval_assets.simulation.questions import Questions
from liveeval_assets.simulation.render import pick
from liveeval_assets.simulation.text import PERSONAL
from liveeval_assets.simulation.world import Release, World

_CANARY_SHARE = 0.004
_ACTIVITY = 1.5  # exponent that makes a few users frequent
_CANARY_NAME = "my name is {name} if you need it"
_CANARY_NUMBER = "it was paid with {card} back then"
_MASKS = {"name": "[NAME]", "email": "[EMAIL]", "phone": "[PHONE]", "address": "[ADDRESS]", "account": "[ACCOUNT]", "card": "[CARD]"}


@dataclass(frozen=True)
class Turn:
    """A user turn: as typed, and with its personal data masked."""

    text: str
    masked: str
    answer: str


@dataclass(frozen=True)
class Conversation:
    """A conversation with its latent truth. `name` is the product's own id."""

    name: str
    week: int
    release: Release
    person: User
    topic: int
    is_hard: bool
    is_good: bool
    turns: tuple[Turn, ...]
    started_at: datetime
    outcome: bool
    is_observed: bool
    is_escalated: bool

    @property
    def ended_at(self) -> datetime:
        """Last message."""
        return self.at(2 * len(self.turns) - 1)

    def at(self, message: int) -> datetime:
        """Time of the 0-based message."""
        return self.started_at + timedelta(seconds=35 * message)


def conversations(world: World, questions: Questions) -> Iterator[Conversation]:
    """Every conversation, week by week."""
    total = sum(schedule.volume(world, w) for w in range(world.weeks))
    n_users = max(1, round(total * world.users_per_conversation))
    for week in range(world.weeks):
        for number in range(schedule.volume(world, week)):
            yield _conversation(world, questions, n_users, week, number)


def _conversation(world: World, questions: Questions, n_users: int, week: int, number: int) -> Conversation:
    seed, here = world.seed, (week, number)
    person = user(seed, int(n_users * uniform(seed, "which user", *here) ** _ACTIVITY))
    topic = _draw(schedule.shares(world, week), uniform(seed, "topic", *here))
    is_hard = uniform(seed, "hard", *here) < schedule.hard_share(world, week)
    release = world.release_of(week)
    turns = _turns(world, questions, person, release, topic, is_hard, here)
    is_good = author.quality(world, release, turns[0].masked, frozenset())
    return Conversation(
        name=f"conv-{week:02d}{number:05d}",
        week=week,
        release=release,
        person=person,
        topic=topic,
        is_hard=is_hard,
        is_good=is_good,
        turns=turns,
        started_at=start_of(world.monday(week)) + timedelta(seconds=int(uniform(seed, "start", *here) * (7 * 86400 - 600))),
        outcome=uniform(seed, "outcome", *here) < p_outcome(world, is_good, person.effect),
        is_observed=uniform(seed, "observed", *here) < p_observed(world, topic, person.effect),
        is_escalated=uniform(seed, "escalated", *here) < world.escalation[0] + world.escalation[1] * (not is_good),
    )


def p_outcome(world: World, is_good: bool, effect: float) -> float:
    """P(Y = 1) = clip(y0 + y1 Q + yu u)."""
    y0, y1, yu = world.outcome
    return min(max(y0 + y1 * is_good + yu * effect, 0.0), 1.0)


def p_observed(world: World, topic: int, effect: float) -> float:
    """P(R = 1) = sigma(c0 + cu u + cs (s - 3.5))."""
    c0, cu, cs = world.response
    return 1 / (1 + math.exp(-(c0 + cu * effect + cs * (topic - 3.5))))


def _turns(world: World, questions: Questions, person: User, release: Release, topic: int, is_hard: bool, here: tuple[int, int]) -> tuple[Turn, ...]:
    seed = world.seed
    is_long = uniform(seed, "multi turn", *here) < world.multi_turn_share
    n_turns = 2 + int(uniform(seed, "third turn", *here) * 2) if is_long else 1
    turns: list[Turn] = []
    for t in range(n_turns):
        where = ("production", *here, t)
        clause, fields = _personal(world, person, where)
        masked = questions.draw(topic, is_hard=is_hard, where=where, personal=clause.format(**_MASKS), is_first=t == 0)
        text = masked
        for name, mask in _MASKS.items():
            text = text.replace(mask, fields[name])
        first = turns[0].masked if turns else masked
        turns.append(Turn(text, masked, author.write(world, release, masked, first, frozenset())))
    return tuple(turns)


def _personal(world: World, person: User, where: tuple[object, ...]) -> tuple[str, dict[str, str]]:
    """A clause with places for personal data (empty for most turns), and what the user types there."""
    fields = spoken(world.seed, person, where)
    for i, canary in enumerate(world.canaries):
        if uniform(world.seed, "canary", i, *where) < _CANARY_SHARE:
            return (_CANARY_NUMBER if canary[0].isdigit() else _CANARY_NAME), {**fields, "card": canary, "name": canary}
    if uniform(world.seed, "personal", *where) >= world.personal_share:
        return "", fields
    return pick(PERSONAL, world.seed, "personal clause", *where), fields


def _draw(shares: tuple[float, ...], u: float) -> int:
    """Index drawn with these probabilities."""
    total = 0.0
    for index, share in enumerate(shares):
        total += share
        if u < total:
            return index
    return max(index for index, share in enumerate(shares) if share > 0)
