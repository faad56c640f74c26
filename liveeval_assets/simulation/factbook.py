"""What is true: which variant a text asks about, and whether an answer states its fact. Reads text alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from liveeval_assets.simulation.text import fold
from liveeval_assets.simulation.topics import STYLES, TOPICS, Topic, Variant


@dataclass(frozen=True)
class Finding:
    """What the fact book says of an answer.

    Attributes:
        is_good: the right fact is there and the answer is whole.
        defect: wrong_fact, incomplete, off_topic or none.
        evidence: the phrase of the text material that shows the defect; empty if there is none.
    """

    is_good: bool
    defect: str
    evidence: str = ""


@lru_cache(maxsize=1)
def _cues() -> tuple[tuple[str, str, int, Variant], ...]:
    return tuple((fold(v.head), fold(v.tail), s, v) for s, topic in enumerate(TOPICS) for v in topic.variants)


@lru_cache(maxsize=65536)
def asked(question: str) -> tuple[int, Variant] | None:
    """Topic index and variant of a question, by its cue; None if it is about nothing that the world knows."""
    words = fold(question)
    for head, tail, s, variant in _cues():
        if tail in words and head in words:
            return s, variant
    return None


def topic_of(question: str) -> Topic | None:
    """Topic of a question, or None."""
    found = asked(question)
    return TOPICS[found[0]] if found else None


def find(question: str, answer: str) -> Finding:
    """Check an answer against the fact book: Q = 1 iff it is whole and states the right fact of the question."""
    words = fold(answer)
    if not words:
        return Finding(False, "incomplete")
    about = asked(question)
    if about is None:
        return Finding(False, "off_topic")
    variant = about[1]
    wrong = next((phrase for phrase in variant.wrongs if phrase in words), "")
    if wrong:
        return Finding(False, "wrong_fact", wrong)
    is_whole = answer.rstrip()[-1:] in {".", "!", "?"}
    if not is_whole:
        return Finding(False, "incomplete")
    if variant.right in words:
        return Finding(True, "none")
    return Finding(False, "off_topic")


def family_of(answer: str) -> str:
    """Generator family by the style mark in the answer; empty if there is none."""
    words = fold(answer)
    return next((family for family, marks in STYLES.items() if any(mark in words for mark in marks)), "")
