"""How a release answers a question: the same text in production, in a replay and through the server."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from liveeval_assets.simulation import latent
from liveeval_assets.simulation.factbook import asked
from liveeval_assets.simulation.render import answer
from liveeval_assets.simulation.text import canonical
from liveeval_assets.simulation.world import Release, World

_LOST = 0.0  # exposure of an answer to a question that the world does not know


def quality(world: World, release: Release, first: str, leaked: AbstractSet[str]) -> bool:
    """Q of a conversation, decided by its first user turn; every turn of it shares this Q.

    `first` is the first user turn, masked or not; `leaked` holds the canonical texts that the last release was trained on.
    """
    about = asked(first)
    if about is None:
        return False
    key = canonical(first)
    p = latent.p_good(world, about[0], release, is_hard=about[1].is_hard, is_leaked=key in leaked)
    return latent.is_good(world, p, release, key)


def write(world: World, release: Release, question: str, first: str, leaked: AbstractSet[str]) -> str:
    """The answer of `release` to `question` in the conversation that began with `first`."""
    about, key = asked(question), canonical(question)
    if about is None:
        length = latent.characters(0, _LOST)
        return answer(world.seed, release.family, None, is_good=False, length=length, where=(release.name, key))
    topic, variant = about
    length = latent.characters(topic, latent.ell(world, release, key))
    is_good = quality(world, release, first, leaked)
    return answer(world.seed, release.family, variant, is_good=is_good, length=length, where=(release.name, key))
