"""What stays of a text when masks, names, numbers and punctuation are gone: the world's own common words, in order.

The same words come out of a raw text and of its anonymised copy, so that a question is recognised in both.
"""

from __future__ import annotations

import re
from functools import lru_cache

from liveeval_assets.simulation import topics

_MASK = re.compile(r"\[[A-Z_]+\]")
_WORD = re.compile(r"[^\W\d_]+")

PERSONAL = (
    "my name is {name} if you need it",
    "you can write to {email} about it",
    "please call {phone} when you know more",
    "i live at {address} by the way",
    "the number on my file is {account} as always",
    "this is {name} and my number is {phone} for you",
    "it was paid with {card} back then",
)
"""How users bring up personal data; the carriers are common words, what fills them is not."""


def fold(text: str) -> str:
    """Lower case, masks, digits and punctuation dropped, whitespace folded; keeps every plain word."""
    return " ".join(_WORD.findall(_MASK.sub(" ", text).lower()))


def canonical(text: str) -> str:
    """`fold` restricted to the world's vocabulary: names and other strangers drop out."""
    known = vocabulary()
    return " ".join(word for word in fold(text).split() if word in known)


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word of the text material."""
    pieces: list[str] = [*topics.TIMES, *topics.ASIDES, *topics.REASONS, *topics.COMPLAINTS, *topics.OPENERS, *topics.FOLLOW_UPS, *topics.CLOSERS]
    pieces += [re.sub(r"\{\w+\}", " ", line) for line in (*topics.LEADS, *PERSONAL)]
    for topic in topics.TOPICS:
        pieces += [*topic.subjects, *topic.events, *topic.voices]
        pieces += [half for variant in topic.variants for half in (variant.head, variant.tail)]
    return frozenset(_WORD.findall(" ".join(pieces)))
