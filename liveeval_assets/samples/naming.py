"""What a stratum is called: the words that set its questions apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

_WORD = re.compile(r"[a-z][a-z'-]{2,}")
_MASK = re.compile(r"\[[A-Z]+\]")
_N_WORDS = 3
_MIN_USERS = 3  # a word that fewer users wrote could point at one of them
_STOP = frozenset(
    """
    the and for you your are was were have has had with that this from not but can could would should will what when where which who how why does did
    there their them they then than been being into onto over under about after before again also any all some more most other such only just very
    its it's i'm i've don't doesn't didn't can't isn't won't please thanks thank hello help need want like get got know tell let out off one two use using
    """.split()
)


def stratum_names(texts: Sequence[str], users: Sequence[str], labels: np.ndarray, k: int) -> list[str]:
    """Up to three words per cluster with the highest class-based tf-idf (Grootendorst 2022).

    Args:
        texts: anonymised questions.
        users: user of each text.
        labels: cluster of each text; a negative label belongs to the background only.
        k: clusters to name.
    """
    words = [sorted(set(_WORD.findall(_MASK.sub(" ", t).lower())) - _STOP) for t in texts]
    wrote: dict[str, set[str]] = {}
    for found, user in zip(words, users, strict=True):
        for word in found:
            wrote.setdefault(word, set()).add(user)
    counts = [Counter(w for found, label in zip(words, labels, strict=True) if label == j for w in found) for j in range(k)]
    total = Counter(w for found in words for w in found)
    mean_words = sum(total.values()) / max(k, 1)
    names: list[str] = []
    for j in range(k):
        size = max(sum(counts[j].values()), 1)
        scores = {w: n / size * np.log1p(mean_words / total[w]) for w, n in counts[j].items() if len(wrote[w]) >= _MIN_USERS}
        best = sorted(scores, key=lambda w: (-scores[w], w))[:_N_WORDS]
        names.append(" ".join(best) or "unnamed")
    return names
