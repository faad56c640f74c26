"""What a stratum is called: the words that set its questions apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from liveeval_assets.samples.words import STOP_WORDS

_WORD = re.compile(r"[a-z][a-z'-]{2,}")
_MASK = re.compile(r"\[[A-Z]+\]")
_N_WORDS = 3
_MIN_USERS = 3  # a word that fewer users wrote could point at one of them


def stratum_names(texts: Sequence[str], users: Sequence[str], labels: np.ndarray, k: int) -> list[str]:
    """Up to three words per cluster with the highest class-based tf-idf (Grootendorst 2022).

    Args:
        texts: anonymised questions.
        users: user of each text.
        labels: cluster of each text; a negative label belongs to the background only.
        k: clusters to name.
    """
    words = [sorted(set(_WORD.findall(_MASK.sub(" ", t).lower())) - STOP_WORDS) for t in texts]
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
