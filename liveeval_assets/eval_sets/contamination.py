"""Which items stand, word for word, in text that a release has seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.eval_sets.corpora import Source, find_sources, prompt_of, word_blocks
from liveeval_assets.eval_sets.ngrams import Index, build_index, matches
from liveeval_assets.tables import TABLES

_BOILERPLATE = 10  # an n-gram that a corpus has more often says nothing


@dataclass
class _Seen:
    """How often a scope (a release's folder, or the files of all) has each gram, and the first file with it."""

    counts: Counter[int] = field(default_factory=Counter)
    source: dict[int, str] = field(default_factory=dict)


def build_contamination(versions: pa.Table, registry: pa.Table, corpora: Path | None, prompts: Path | None, n: int, week: date) -> pa.Table:
    """Rows of eval_sets/contamination of `week`.

    This week's versions are searched for every release known by now, the frozen one for the releases that went live
    this week; every pair is searched once. A hit is one shared n-gram (Brown et al. 2020, appendix C).

    Args:
        versions: rows up to `week`.
        registry: rows up to `week`.
        corpora: folder of corpora, where there is one.
        prompts: folder of the product's own prompts, where there is one.
        n: words of an n-gram.
        week: the week of the run.
    """
    items, pairs = _pairs(versions, registry, week)
    spec = TABLES["eval_sets/contamination"]
    if not items or not pairs:
        return spec.empty()
    index = build_index([item["question"] for item in items], n)
    releases = sorted({release for _, release in pairs})
    found: list[dict[str, Any]] = []
    if corpora is not None and corpora.is_dir():
        seen = _scan(index, [s for s in find_sources(corpora) if s.release_id in {"", *releases}])
        found += _rows(index, items, pairs, seen, "ngram_corpus", ("",))
    if prompts is not None and prompts.is_dir():
        sources = [s for r in releases if (s := prompt_of(prompts, r)) is not None]
        found += _rows(index, items, pairs, _scan(index, sources), "ngram_prompt", ())
    return spec.rows([{"week": week, **row} for row in found])


def _pairs(versions: pa.Table, registry: pa.Table, week: date) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Items to search, and (number of the item, release) of what has not been searched in an earlier week."""
    known = registry.select(["release_id", "week"]).to_pylist()
    new = {r["release_id"] for r in known if r["week"] == week}
    is_wanted = pc.or_(pc.equal(versions.column("week"), pa.scalar(week, pa.date32())), pc.equal(versions.column("role"), "frozen"))
    items = versions.filter(is_wanted).select(["week", "version", "item_id", "question"]).sort_by([("version", "ascending"), ("item_id", "ascending")])
    rows = items.to_pylist()
    everyone = sorted({r["release_id"] for r in known})
    return rows, [(i, r) for i, row in enumerate(rows) for r in everyone if row["week"] == week or r in new]


def _scan(index: Index, sources: Sequence[Source]) -> Mapping[str, _Seen]:
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for source in sources:
        scope = seen[source.release_id]
        for words in word_blocks(source.path):
            for gram in matches(index, words):
                scope.counts[gram] += 1
                scope.source.setdefault(gram, source.name)
    return seen


def _rows(
    index: Index, items: Sequence[Mapping[str, Any]], pairs: Iterable[tuple[int, str]], seen: Mapping[str, _Seen], detector: str, shared: Sequence[str]
) -> list[dict[str, Any]]:
    """One row per item and release with at least one shared n-gram that is no boilerplate."""
    by_release: dict[str, dict[int, tuple[set[int], str]]] = {}
    rows = []
    for i, release in pairs:
        if release not in by_release:
            by_release[release] = _hits(index, [seen[s] for s in (release, *shared) if s in seen])
        if i in by_release[release]:
            positions, source = by_release[release][i]
            row = {"version": items[i]["version"], "item_id": items[i]["item_id"], "release_id": release, "detector": detector}
            rows.append({**row, "source": source, "coverage": min(1.0, len(positions) / index.n_words[i])})
    return rows


def _hits(index: Index, scopes: Sequence[_Seen]) -> dict[int, tuple[set[int], str]]:
    """Item -> word positions inside shared n-grams, and the file that holds the first of them."""
    counts: Counter[int] = sum((s.counts for s in scopes), Counter())
    found: dict[int, tuple[set[int], str]] = {}
    for k in sorted(counts):
        if counts[k] <= _BOILERPLATE:
            gram = index.grams[k]
            source = next(s.source[k] for s in scopes if k in s.source)
            positions, _ = found.setdefault(gram.item, (set(), source))
            positions.update(gram.positions)
    return found
