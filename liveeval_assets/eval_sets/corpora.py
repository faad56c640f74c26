"""Text that releases have seen: a folder per release, and files beside the folders that every release has seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from liveeval_assets.eval_sets.ngrams import tokens

_BLOCK = 50_000  # words handled at once
_OVERLAP = 250  # words that neighbouring blocks share
_LINES = (".jsonl", ".ndjson", ".csv", ".tsv")
_WHOLE = (".txt", ".md", ".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Source:
    """A file of a corpus; `release_id` is empty where every release has seen it."""

    release_id: str
    name: str
    path: Path


def find_sources(folder: Path) -> list[Source]:
    """Every readable file under `folder`, in order of its name: `<release_id>/...` belongs to that release."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in _LINES + _WHOLE)
    relative = [p.relative_to(folder) for p in paths]
    return [Source(r.parts[0] if len(r.parts) > 1 else "", r.as_posix(), p) for r, p in zip(relative, paths, strict=True)]


def prompt_of(folder: Path, release_id: str) -> Source | None:
    """The product's own prompt in a release, where there is a file for it."""
    path = folder / f"{release_id}.txt"
    # a release's name comes from a file; it must not lead out of the folder
    is_inside = path.resolve().is_relative_to(folder.resolve())
    return Source(release_id, path.name, path) if is_inside and path.is_file() else None


def word_blocks(path: Path) -> Iterator[list[str]]:
    """Words of a file: one block per record of a line format, overlapping blocks of a running text."""
    with path.open(encoding="utf-8", errors="replace") as file:
        if path.suffix.lower() in _LINES:
            for line in file:
                yield from _blocks(tokens(_text_of(line)))
        else:
            held: list[str] = []
            for line in file:
                held += tokens(line)
                if len(held) >= _BLOCK:
                    yield held
                    held = held[-_OVERLAP:]
            yield held


def _text_of(line: str) -> str:
    """Every string of a JSON record; any other line as it is."""
    if not line.lstrip().startswith(("{", "[", '"')):
        return line
    try:
        return "\n".join(_strings(json.loads(line)))
    except (json.JSONDecodeError, RecursionError):
        return line


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _blocks(words: list[str]) -> Iterator[list[str]]:
    for start in range(0, max(len(words), 1), _BLOCK - _OVERLAP):
        yield words[start : start + _BLOCK]
