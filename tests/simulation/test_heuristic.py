from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from liveeval_assets.simulation.heuristic import HeuristicMind, overlap, refute, repetition
from liveeval_assets.simulation.recorded import RecordedMind, normalise, read_records
from liveeval_assets.simulation.wire import BadRequestError

from .prompts import ask, compare_prompt, grade_prompt

WORDS = ["parcel", "shop", "dog", "vet", "router"]


def embed(texts: list[str]) -> np.ndarray:
    """Word counts instead of a model."""
    rows = np.array([[t.lower().count(w) + 0.01 for w in WORDS] for t in texts], dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def decide(mind: object, model: str, prompt: str) -> dict:
    return asyncio.run(mind.decide(ask(model, prompt)))


def test_judge_by_similarity_refusal_and_emptiness() -> None:
    mind = HeuristicMind(embed)
    question = "Where is my parcel?"
    verdicts = {a: decide(mind, "heuristic-judge", grade_prompt(question, a))["verdict"] for a in ("The parcel is at the shop.", "Dog and vet.", "", "...")}
    assert list(verdicts.values()) == ["pass", "fail", "fail", "fail"]
    good, refusal = "The parcel waits.", "I cannot help, I do not understand where dog and parcel are."
    for swap in (False, True):
        one, two = (refusal, good) if swap else (good, refusal)
        assert decide(mind, "heuristic-judge", compare_prompt(question, one, two))["winner"] == ("second" if swap else "first")
    assert decide(mind, "heuristic-judge", compare_prompt(question, good, good))["winner"] == "tie"


def test_concurrent_calls_share_a_batch() -> None:
    sizes: list[int] = []

    def counting(texts: list[str]) -> np.ndarray:
        sizes.append(len(texts))
        return embed(texts)

    async def run() -> None:
        mind = HeuristicMind(counting)
        await asyncio.gather(*(mind.decide(ask("heuristic-judge", grade_prompt(f"parcel {'x' * i}", "shop"))) for i in range(20)))

    asyncio.run(run())
    assert sum(sizes) == 21
    assert len(sizes) <= 3


def test_a_failing_model_fails_the_calls_and_not_the_server() -> None:
    calls = [0]

    def broken(texts: list[str]) -> np.ndarray:
        calls[0] += 1
        if calls[0] == 1:
            raise OSError("no weights")
        return embed(texts)

    mind = HeuristicMind(broken)

    async def run() -> dict:
        with pytest.raises(OSError, match="no weights"):
            await mind.decide(ask("heuristic-judge", grade_prompt("parcel?", "shop")))
        return await mind.decide(ask("heuristic-judge", grade_prompt("parcel?", "the parcel")))

    assert asyncio.run(run())["verdict"] == "pass"


def test_refuter_objects_with_words_of_the_answer() -> None:
    cases = {
        "go to the shop " * 8: "incomplete",
        "Where is my parcel": "off_topic",
        "I don't know.": "incomplete",
        "Yes.": "incomplete",
        "Shut up and wait for it to come": "unsafe",
    }
    for answer, defect in cases.items():
        reply = refute("Where is my parcel?", answer)
        assert reply["refuted"]
        assert reply["defect_class"] == defect
        assert reply["evidence_span"] in answer
    assert not refute("Where is my parcel?", "It waits for you at the nearest shop until Friday.")["refuted"]
    assert not refute("Where is my parcel?", "")["refuted"]
    assert repetition("a b c a b c a b c a b c") > 0.5
    assert overlap("where is the parcel", "the parcel is here") == 0.5


def test_recorded_verdicts_are_replayed_by_text(tmp_path: Path) -> None:
    rows = [
        {"question": "Who wrote Faust?", "answer_1": "Goethe wrote it in 1808.", "answer_2": "Nobody knows.", "winner": "first"},
        {"question": "Who wrote Faust?", "answer_1": "Nobody knows.", "answer_2": "Goethe wrote it in 1808.", "winner": "tie"},
    ]
    (tmp_path / "v.jsonl").write_text("\n".join(map(json.dumps, rows)))
    mind = RecordedMind(read_records(tmp_path / "v.jsonl"))
    for row in rows:
        assert decide(mind, "recorded-judge", compare_prompt(row["question"], row["answer_1"], row["answer_2"]))["winner"] == row["winner"]
    # masked and reshaped texts still find their record
    masked = compare_prompt("Who  wrote Faust?", "[NAME] wrote it in [NUMBER].", "Nobody knows!")
    assert decide(mind, "recorded-judge", masked)["winner"] == "first"
    with pytest.raises(BadRequestError, match="recorded"):
        decide(mind, "recorded-judge", compare_prompt("Another?", "x y z", "u v w"))
    with pytest.raises(BadRequestError):
        decide(mind, "recorded-judge", "no blocks")
    with pytest.raises(BadRequestError):
        decide(mind, "other-judge", masked)
    assert normalise("The  [NAME], 12!") == "the"


def test_recorded_verdicts_of_several_judges_from_parquet(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"model": ["a", "b"], "question": ["q w e"] * 2, "answer_1": ["one"] * 2, "answer_2": ["two"] * 2, "winner": ["first", "second"]}
    pq.write_table(pa.table(columns), tmp_path / "v.parquet")
    mind = RecordedMind(read_records(tmp_path / "v.parquet"))
    assert [decide(mind, m, compare_prompt("q w e", "one", "two"))["winner"] for m in mind.models] == ["first", "second"]
