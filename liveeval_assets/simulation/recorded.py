"""A judge that replays verdicts from a file, looked up by the question and both answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from liveeval_assets.simulation.wire import Ask, BadRequestError

_MASK = re.compile(r"\[[A-Z_]+\]")
_WORD = re.compile(r"[^\W\d_]+")
_MIN_LIKENESS = 0.6
_MODEL = "recorded-judge"

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Record:
    """One recorded verdict: `winner` is first, second or tie for the answers in this order."""

    model: str
    question: str
    answer_1: str
    answer_2: str
    winner: str


def read_records(path: Path) -> list[Record]:
    """Records of a Parquet or JSONL file with columns question, answer_1, answer_2, winner and, where there are several judges, model."""
    rows: Iterable[Mapping[str, Any]]
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(path).to_pylist()
    else:
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    return [Record(str(r.get("model") or _MODEL), r["question"], r["answer_1"], r["answer_2"], r["winner"]) for r in rows]


def normalise(text: str) -> str:
    """Lower case, masks, digits and punctuation dropped, whitespace folded."""
    return " ".join(_WORD.findall(_MASK.sub(" ", text).lower()))


def _folded(text: str) -> str:
    """The text with whitespace folded."""
    return " ".join(text.split())


class RecordedMind:
    """Replays records; texts that lost words to masking find the record that is most like them."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._verbatim: dict[tuple[str, ...], str] = {}
        self._exact: dict[str, dict[Key, str]] = {}
        for r in records:
            texts = (r.question, r.answer_1, r.answer_2)
            # answers that differ in numbers alone share a normalised key: their words are tried as they are first
            self._verbatim[r.model, *map(_folded, texts)] = r.winner
            one, two, three = map(normalise, texts)
            self._exact.setdefault(r.model, {})[one, two, three] = r.winner

    @property
    def models(self) -> list[str]:
        """Judges that the file knows."""
        return list(self._exact)

    async def decide(self, ask: Ask) -> dict[str, object] | str:
        """The recorded winner.

        Raises:
            BadRequestError: no such judge (404), or no record of this question and these answers (400).
        """
        known = self._exact.get(ask.model)
        if known is None:
            raise BadRequestError(f"The model `{ask.model}` does not exist", status=404, code="model_not_found")
        try:
            texts = [ask.blocks[name] for name in ("QUESTION", "ANSWER 1", "ANSWER 2")]
        except KeyError:
            raise BadRequestError("the prompt has no question with two answers") from None
        question, one, two = map(normalise, texts)
        winner = self._verbatim.get((ask.model, *map(_folded, texts))) or known.get((question, one, two)) or _nearest(known, (question, one, two))
        if winner is None:
            raise BadRequestError("no verdict is recorded for this question and these answers", code="not_recorded")
        return {"reason": "recorded", "winner": winner}


def _nearest(known: Mapping[Key, str], wanted: Key) -> str | None:
    """Winner of the record whose every text is most like the wanted one, if it is like enough."""
    best, at = None, _MIN_LIKENESS
    for key, winner in known.items():
        likeness = min(_likeness(a, b) for a, b in zip(key, wanted, strict=True))
        if likeness > at:
            best, at = winner, likeness
    return best


def _likeness(one: str, two: str) -> float:
    """Jaccard similarity of the words."""
    a, b = set(one.split()), set(two.split())
    return len(a & b) / len(a | b) if a | b else 1.0
