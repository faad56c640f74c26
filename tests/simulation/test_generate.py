from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from liveeval_assets.simulation.factbook import asked
from liveeval_assets.simulation.generate import generate
from liveeval_assets.simulation.questions import ngrams
from liveeval_assets.simulation.text import canonical
from liveeval_assets.simulation.world import World


def _files(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def _records(home: Path) -> list[dict]:
    """Good records, without repeats and conflicts."""
    found: dict[str, dict] = {}
    for path in sorted((home / "source" / "traces").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if str(record.get("id", "")).startswith("conv-") and "messages" in record:
                found.setdefault(record["id"], record)
    return list(found.values())


@pytest.fixture(scope="module")
def records(world_home: Path) -> list[dict]:
    return _records(world_home)


@pytest.fixture(scope="module")
def frozen(world_home: Path) -> list[dict]:
    return [json.loads(line) for line in (world_home / "source" / "frozen_set.jsonl").read_text().splitlines()]


def test_same_seed_same_bytes_and_another_seed_another_world(world: World, world_home: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again", world)
    assert _files(tmp_path / "again") == _files(world_home)
    other = World(seed=6, weeks=1, conversations=20, frozen_size=20)
    generate(tmp_path / "other", other)
    assert _files(tmp_path / "other")["source/frozen_set.jsonl"] != _files(world_home)["source/frozen_set.jsonl"]


def test_questions_are_distinct_in_common_words_and_of_bounded_length(records: list[dict], frozen: list[dict]) -> None:
    texts = [m["content"] for r in records for m in r["messages"] if m["role"] == "user"] + [row["question"] for row in frozen]
    keys = Counter(re.sub(r"[^a-z ]", "", canonical(t)) for t in texts)
    assert max(keys.values()) == 1
    words = [len(t.split()) for t in texts]
    assert max(words) <= 60
    assert sum(20 <= n <= 42 for n in words) / len(words) > 0.75


def test_every_question_has_one_variant_of_its_topic(world_home: Path, records: list[dict]) -> None:
    topics = {row["id"]: row["topic"] for row in map(json.loads, (world_home / ".truth" / "conversations.jsonl").read_text().splitlines())}
    for record in records:
        for message in record["messages"]:
            if message["role"] == "user":
                found = asked(message["content"])
                assert found is not None
                assert found[1].name.startswith(topics[record["id"]])


def test_frozen_set_is_easy_and_only_the_leaked_part_is_in_the_corpora(world_home: Path, frozen: list[dict], world: World) -> None:
    truth = {row["question"]: row for row in map(json.loads, (world_home / ".truth" / "frozen.jsonl").read_text().splitlines())}
    corpus: dict[str, set[str]] = {}
    for path in (world_home / "source" / "corpora").rglob("*.jsonl"):
        texts = [json.loads(line)["text"] for line in path.read_text().splitlines()]
        corpus[str(path.relative_to(world_home / "source" / "corpora"))] = set().union(*map(ngrams, texts))
    leaked = [row["question"] for row in frozen if truth[row["question"]]["is_leaked"]]
    assert 0.45 <= len(leaked) / len(frozen) <= 0.5
    for row in frozen:
        found = asked(row["question"])
        assert found is not None
        assert not found[1].is_hard
        runs = ngrams(row["question"])
        assert runs, "a frozen question is long enough for the exact check"
        for file, seen in corpus.items():
            assert bool(runs & seen) == (file.startswith("r4/") and row["question"] in leaked)
    assert len(frozen) == world.frozen_size
    assert {"r4/fine_tuning.jsonl", "handbook.jsonl"} <= set(corpus)


def test_few_production_questions_share_a_run_with_the_corpora(world_home: Path, records: list[dict]) -> None:
    seen = set().union(*(ngrams(json.loads(line)["text"]) for p in (world_home / "source" / "corpora").rglob("*.jsonl") for line in p.read_text().splitlines()))
    first = [r["messages"][0]["content"] for r in records]
    assert sum(bool(ngrams(t) & seen) for t in first) / len(first) < 0.06


def test_personal_data_stands_in_the_text_and_in_the_users_record(records: list[dict], world: World) -> None:
    texts = [(m["content"], r["customer"]) for r in records for m in r["messages"] if m["role"] == "user"]
    carriers = ("my name is ", "you can write to ", "please call ", "i live at ", "the number on my file ", "this is ", "it was paid with ")
    share = sum(any(c in t.lower() for c in carriers) for t, _ in texts) / len(texts)
    assert abs(share - world.personal_share) < 0.08
    told = [(t, c) for t, c in texts if "you can write to " in t.lower()]
    assert told
    assert all(c["email"].lower() in t.lower() for t, c in told)


def test_canaries_are_planted(tmp_path: Path) -> None:
    world = World(weeks=3, frozen_size=8)
    generate(tmp_path, world)
    text = "".join(p.read_text(errors="replace") for p in (tmp_path / "source" / "traces").glob("*.jsonl"))
    assert all(canary in text for canary in world.canaries)


def test_dirt_is_counted_and_conserved(world_home: Path) -> None:
    counts = json.loads((world_home / ".truth" / "records.json").read_text())
    n_lines = sum(len(p.read_bytes().splitlines()) for p in (world_home / "source" / "traces").glob("*.jsonl"))
    assert n_lines == sum(v for k, v in counts.items() if k != "late")
    assert {"truncated", "not_utf8", "surrogate", "huge_integer", "future_time", "naive_time", "duplicate", "conflicting_id"} <= set(counts)
    assert counts["late"] > 0


def test_outcomes_fall_into_their_window_and_some_arrive_late(world_home: Path, records: list[dict], world: World) -> None:
    from datetime import datetime, timedelta

    ended = {r["id"]: datetime.fromisoformat(r["ended_at"]) for r in records}
    events = [json.loads(line) for p in (world_home / "source" / "outcomes").glob("*.jsonl") for line in p.read_text().splitlines()]
    resolution = [e for e in events if e["name"] == "resolution" and e["conversation"] in ended]
    lags = [datetime.fromisoformat(e["occurred_at"]) - ended[e["conversation"]] for e in resolution]
    assert all(timedelta() <= lag <= timedelta(days=6, seconds=1) for lag in lags)
    received = [datetime.fromisoformat(e["received_at"]) for e in resolution]
    assert any(at - ended[e["conversation"]] > timedelta(days=7) for e, at in zip(resolution, received, strict=True))
    assert all(at < world.as_of for at in received)
    assert 0.5 < len(resolution) / len(records) < 0.75
    assert sum(e["name"] == "escalation" for e in events) == len(records)
