"""From latent variables to text: questions that are distinct in common words, answers of an exact length."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation import topics
from liveeval_assets.simulation.topics import FILLER, STYLES, Variant

Option = TypeVar("Option")

_LONGEST = 1200  # characters of filler
_LOWER_CASE_SHARE = 0.2
_SPARE_SHARE = 0.5  # parts that not every question has


def pick(options: Sequence[Option], seed: int, purpose: str, *ids: object) -> Option:
    """One of the options, by hash."""
    return options[int(uniform(seed, purpose, *ids) * len(options))]


def question(seed: int, topic: int, variant: Variant, where: tuple[object, ...], *, personal: str = "", is_first: bool = True) -> str:
    """A user's turn: situation, personal data if any, the variant's cue; perhaps an opener, a complaint and a closer.

    The ids `where` seed the choice of every slot; the clause with personal data is put in as it is.
    """
    material = topics.TOPICS[topic]

    def slot(options: Sequence[str], name: str) -> str:
        return pick(options, seed, f"slot {name}", *where)

    situation = slot(topics.LEADS, "lead").format(
        subject=slot(material.subjects, "subject"), event=slot(material.events, "event"), time=slot(topics.TIMES, "time")
    )
    parts = [
        f"{slot(topics.OPENERS if is_first else topics.FOLLOW_UPS, 'opener')}." if uniform(seed, "opens", *where) < _SPARE_SHARE else "",
        f"{situation}.",
        f"{personal}." if personal else "",
        f"{variant.head}, {slot(topics.ASIDES, 'aside')}, {slot(topics.REASONS, 'reason')}, {variant.tail}?",
        f"{slot(material.voices, 'voice')} {slot(topics.COMPLAINTS, 'complaint')}." if uniform(seed, "complains", *where) < _SPARE_SHARE else "",
        f"{slot(topics.CLOSERS, 'closer')}." if uniform(seed, "closes", *where) < _SPARE_SHARE else "",
    ]
    is_shouting_low = uniform(seed, "lower case", *where) < _LOWER_CASE_SHARE
    return " ".join(part if is_shouting_low else part[0].upper() + part[1:] for part in parts if part)


def answer(seed: int, family: str, variant: Variant | None, *, is_good: bool, length: int, where: tuple[object, ...]) -> str:
    """Style mark of the family, the right or a wrong fact, neutral filler up to `length` characters (within 2 %)."""
    style = pick(STYLES[family], seed, "style", *where)
    if variant is None:
        return _sentence(f"{style}: we do not have an answer to that.")
    fact = variant.right if is_good else pick(variant.wrongs, seed, "wrong fact", *where)
    core = _sentence(f"{style}: {fact}.")
    return core + filler(max(length - len(core), 0), seed, where)


def filler(room: int, seed: int, where: tuple[object, ...]) -> str:
    """Neutral sentences, each after a space, of `room` characters in all (or the nearest length that can be had)."""
    reach = _reachable()
    left = min((n for n in range(len(reach)) if reach[n]), key=lambda n: abs(n - room)) if room >= len(reach) or not reach[room] else room
    parts: list[str] = []
    while left:
        options = [i for i in reach[left] if not parts or FILLER[i] != parts[-1]] or list(reach[left])
        # short closings only where nothing longer fits, so that texts do not end in a row of them
        options = options[: max(4, len(options) // 2)]
        parts.append(FILLER[pick(options, seed, "filler", len(parts), *where)])
        left -= len(parts[-1]) + 1
    return "".join(f" {_sentence(part)}" for part in parts)


@lru_cache(maxsize=1)
def _reachable() -> list[tuple[int, ...]]:
    """For each room, the pieces that may come next so that the rest can be filled exactly; () if it cannot. Room 0 is marked by (-1,)."""
    reach: list[tuple[int, ...]] = [(-1,)]
    for room in range(1, _LONGEST):
        reach.append(tuple(i for i, piece in enumerate(FILLER) if len(piece) + 1 <= room and reach[room - len(piece) - 1]))
    return reach


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
