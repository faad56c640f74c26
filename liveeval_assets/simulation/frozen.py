"""The team's old static set and what releases were trained on: part of the set leaked into the last one's fine-tuning file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation import schedule
from liveeval_assets.simulation.questions import Questions
from liveeval_assets.simulation.render import answer
from liveeval_assets.simulation.text import canonical
from liveeval_assets.simulation.topics import FILLER, TOPICS
from liveeval_assets.simulation.world import World

_HISTORY_SHARE = 0.08
_OTHERS = 60  # training questions of each fine-tuned release that are in no set
_OLD_FAMILY = "borealis"


@dataclass(frozen=True)
class FrozenItem:
    """An item of the static set: easy questions only, no personal data."""

    topic: int
    question: str
    history: tuple[tuple[str, str], ...]
    is_leaked: bool

    @property
    def first(self) -> str:
        """First user turn."""
        return self.history[0][1] if self.history else self.question


def frozen_items(world: World, questions: Questions) -> list[FrozenItem]:
    """The static set: topics in the shares before week 1, `leak_share` of each topic leaked, in an order by hash."""
    items: list[FrozenItem] = []
    n_leaked = 0
    for topic, n in enumerate(allocate(world.frozen_size, schedule.past_shares(world))):
        for number in range(n):
            here = ("frozen", topic, number)
            is_leaked = math.floor(world.leak_share * (len(items) + 1)) > n_leaked
            n_leaked += is_leaked
            history: tuple[tuple[str, str], ...] = ()
            # a leaked item is its own first turn, because quality is decided by the first turn
            if not is_leaked and uniform(world.seed, "frozen history", *here) < _HISTORY_SHARE:
                before = questions.draw(topic, is_hard=False, where=(*here, "before"), is_apart=True)
                history = (("user", before), ("assistant", _old_answer(world, topic, here)))
            text = questions.draw(topic, is_hard=False, where=here, is_first=not history, is_apart=True)
            items.append(FrozenItem(topic, text, history, is_leaked))
    return sorted(items, key=lambda item: uniform(world.seed, "frozen order", item.question))


def leaked_keys(items: Sequence[FrozenItem]) -> frozenset[str]:
    """Canonical texts of the leaked questions."""
    return frozenset(canonical(item.question) for item in items if item.is_leaked)


def corpora(world: World, questions: Questions, items: Sequence[FrozenItem]) -> dict[str, list[str]]:
    """Texts by file under corpora/: a folder belongs to one release, a file beside the folders to all.

    Only the last release's file holds frozen questions, verbatim.
    """
    files = {"handbook.jsonl": [_article(s, v) for s in range(len(TOPICS)) for v in range(len(TOPICS[s].variants))]}
    for release in world.releases[1:]:
        texts = []
        for number in range(_OTHERS):
            topic = int(uniform(world.seed, "training topic", release.name, number) * schedule.N_FIRST)
            is_hard = uniform(world.seed, "training hard", release.name, number) < 0.5
            texts.append(questions.draw(topic, is_hard=is_hard, where=("training", release.name, number), is_apart=True))
        if release is world.leaked_to:
            texts += [item.question for item in items if item.is_leaked]
        files[f"{release.name}/fine_tuning.jsonl"] = sorted(texts, key=lambda text: uniform(world.seed, "training order", text))
    return files


def allocate(n: int, weights: Sequence[float]) -> list[int]:
    """Split n by weights that sum to 1, largest remainder first."""
    counts = [math.floor(n * w) for w in weights]
    order = sorted(range(len(weights)), key=lambda i: counts[i] - n * weights[i])
    for i in order[: n - sum(counts)]:
        counts[i] += 1
    return counts


def _article(topic: int, number: int) -> str:
    variant = TOPICS[topic].variants[number]
    return f"Note on {TOPICS[topic].name.replace('_', ' ')}: {variant.right}. {FILLER[(topic + number) % 12]}"


def _old_answer(world: World, topic: int, here: tuple[object, ...]) -> str:
    variant = TOPICS[topic].variants[0]
    return answer(world.seed, _OLD_FAMILY, variant, is_good=True, length=TOPICS[topic].reference_length, where=here)
