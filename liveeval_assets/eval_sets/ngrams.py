"""Word n-grams of items, looked up in streams of text by rolling hash and confirmed word by word.

Items are anonymised and corpora are not, so a mask stands for one to eight words that are not known. Where an item has
no run of n words without a mask, its longest run finds candidates and the words around it, masks as wildcards, confirm.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

_MASK = re.compile(r"[^\W_]*[-/]?\[[A-Z]{2,8}\](?:['\u2019]s|[^\W_]+)?")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_GAP = "\x00"  # stands for a mask; no token contains it
_SHORT = 8  # n of items with fewer than n words
_MIN_RUN = 3  # words without a mask that a search needs
_MOST_MASKED = 8  # words that one mask may stand for
_REACH = 120  # words on either side of a candidate in which the rest is looked for
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def tokens(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).lower()).split()


def item_tokens(text: str) -> list[str]:
    """`tokens` of an anonymised text, with a gap for each mask."""
    pieces = _MASK.split(text)
    found = tokens(pieces[0])
    for piece in pieces[1:]:
        found += ([_GAP] if not found or found[-1] != _GAP else []) + tokens(piece)
    return found


@dataclass(frozen=True)
class Gram:
    """Words that are looked for: of which item, where in it, and what must stand around them."""

    item: int
    words: tuple[str, ...]
    positions: tuple[int, ...]
    around: re.Pattern[str] | None = None


@dataclass
class Index:
    """Grams of all items by the hash of their words, one hash table per length."""

    n_words: list[int]
    grams: list[Gram]
    vocabulary: dict[str, int]
    by_hash: Mapping[int, Mapping[int, Sequence[int]]] = field(default_factory=dict)


def build_index(texts: Sequence[str], n: int) -> Index:
    """Index of anonymised texts; the grams of text i have `item == i`."""
    found = [item_tokens(t) for t in texts]
    grams = [g for i, words in enumerate(found) for g in _grams(i, words, n)]
    vocabulary = {w: k for k, w in enumerate(sorted({w for g in grams for w in g.words}), 1)}
    by_hash: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for k, gram in enumerate(grams):
        ids = np.array([vocabulary[w] for w in gram.words], np.uint64)
        by_hash[len(gram.words)][int(_hashes(ids, len(ids))[0])].append(k)
    return Index([sum(w != _GAP for w in words) for words in found], grams, vocabulary, by_hash)


def matches(index: Index, words: Sequence[str]) -> Iterator[int]:
    """Numbers of the grams that stand in `words`, once per place."""
    # a word that no item has gets number 0, which no gram contains
    ids = np.fromiter((index.vocabulary.get(w, 0) for w in words), np.uint64, len(words))
    for size, table in index.by_hash.items():
        if len(ids) < size:
            continue
        hashes = _hashes(ids, size)
        wanted = np.fromiter(table, np.uint64, len(table))
        for start in np.flatnonzero(np.isin(hashes, wanted)):
            for k in table[int(hashes[start])]:
                if _confirmed(index.grams[k], words, int(start)):
                    yield k


def _grams(item: int, words: Sequence[str], n: int) -> list[Gram]:
    runs = _runs(words)
    longest = max(runs, key=lambda r: r[1] - r[0], default=(0, 0))
    n_real = sum(w != _GAP for w in words)
    if longest[1] - longest[0] >= n or n_real == len(words):
        size = n if n_real >= n else min(_SHORT, n_real)
        spans = [(i, i + size) for start, stop in runs for i in range(start, stop - size + 1)] if size else []
        return [Gram(item, tuple(words[a:b]), tuple(range(a, b))) for a, b in spans]
    if longest[1] - longest[0] < min(_MIN_RUN, n_real) or not n_real:
        return []
    return [_masked_gram(item, words, longest, n)]


def _masked_gram(item: int, words: Sequence[str], run: tuple[int, int], n: int) -> Gram:
    """The longest run, with the words and masks around it until n words are reached."""
    start, stop = run
    a, b = start, stop
    while sum(w != _GAP for w in words[a:b]) < n and (a > 0 or b < len(words)):
        a, b = max(0, a - 1), min(len(words), b + 1)
    window = [i for i in range(a, b) if words[i] != _GAP]
    first, last = window[0], window[-1]
    parts = [rf"(?: \S+){{1,{_MOST_MASKED}}}?" if words[i] == _GAP else " " + re.escape(words[i]) for i in range(first, last + 1)]
    around = re.compile("".join(parts) + r"(?![^ ])")
    return Gram(item, tuple(words[start : min(stop, start + _SHORT)]), tuple(window), around)


def _runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """(start, stop) of each stretch without a gap."""
    gaps = [-1, *(i for i, w in enumerate(words) if w == _GAP), len(words)]
    return [(a + 1, b) for a, b in pairwise(gaps) if b > a + 1]


def _confirmed(gram: Gram, words: Sequence[str], start: int) -> bool:
    size = len(gram.words)
    if tuple(words[start : start + size]) != gram.words:
        return False
    if gram.around is None:
        return True
    near = " " + " ".join(words[max(0, start - _REACH) : start + size + _REACH])
    return gram.around.search(near) is not None


def _hashes(ids: np.ndarray, size: int) -> np.ndarray:
    """Polynomial hash modulo 2^64 of every window of `size` ids."""
    n = len(ids) - size + 1
    found = np.zeros(n, np.uint64)
    for j in range(size):
        found = found * _MULTIPLIER + ids[j : j + n]
    return found
