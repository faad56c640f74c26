"""A source of questions in which no two are alike, and none shares a long run of words with another where asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveeval_assets.simulation.render import pick, question
from liveeval_assets.simulation.text import canonical, fold
from liveeval_assets.simulation.topics import TOPICS, Variant
from liveeval_assets.simulation.world import World

NGRAM = 13
"""Words of a run that a contamination check looks for."""
_ATTEMPTS = 200


def ngrams(text: str) -> set[str]:
    """Runs of NGRAM words, lower-case, without punctuation."""
    words = fold(text).split()
    return {" ".join(words[i : i + NGRAM]) for i in range(len(words) - NGRAM + 1)}


@dataclass
class Questions:
    """Draws questions and remembers them."""

    world: World
    _keys: set[str] = field(default_factory=set)
    _runs: set[str] = field(default_factory=set)

    def draw(self, topic: int, *, is_hard: bool, where: tuple[object, ...], personal: str = "", is_first: bool = True, is_apart: bool = False) -> str:
        """A question whose canonical text is new; `where` seeds it.

        A clause with personal data comes in masked (`[NAME]`), because identity is taken from the masked text. With `is_apart` the
        question shares no run of NGRAM words with any question drawn apart before.
        """
        variants: list[Variant] = [v for v in TOPICS[topic].variants if v.is_hard == is_hard]
        for attempt in range(_ATTEMPTS):
            spot = (*where, attempt)
            text = question(self.world.seed, topic, pick(variants, self.world.seed, "variant", *spot), spot, personal=personal, is_first=is_first)
            key = canonical(text)
            if key in self._keys:
                continue
            if is_apart:
                runs = ngrams(text)
                if runs & self._runs:
                    continue
                self._runs |= runs
            self._keys.add(key)
            return text
        raise RuntimeError("the text material has no further distinct question; make the world smaller")
