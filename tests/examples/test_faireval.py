"""Recorded judges, replayed through the judge path, are as biased as they were: FairEval's questions, plain prompt, both orders.

Two versions of an answer stand for two releases; prompts, server, client, journal, parser and the rule for two orders are the real ones.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from liveeval_assets.runtime.endpoints import stop_servers
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.models import Models
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts.calls import results_of_records
from liveeval_assets.verdicts.judged import judge
from liveeval_assets.verdicts.plan import plan
from liveeval_assets.verdicts.roster import roster_of
from tests.examples.data import real_data
from tests.verdicts import cases

pytestmark = pytest.mark.realdata

WEEK = date(2026, 6, 1)
BEFORE = WEEK - timedelta(weeks=1)
JUDGES = ("ChatGPT", "GPT-4")
PLAIN = "Vanilla_NoRules"
TOLERANCE = 0.0005  # the published shares have three digits


@dataclass(frozen=True)
class Set:
    """Questions with two answers and the better one's number, and each judge's picks with answer 1 and with answer 2 first."""

    items: dict[str, dict[str, Any]]
    picks: dict[tuple[str, str], tuple[int, int]]


@pytest.fixture(scope="module")
def faireval() -> Set:
    folder = real_data("faireval") / "dev"
    with gzip.open(folder / "items_no_ties_llmbar.jsonl.gz", "rb") as file:
        items = {row["id"]: row for row in map(orjson.loads, file)}
    rows = [r for r in pq.read_table(folder / "verdicts.parquet").to_pylist() if r["strategy"] == PLAIN and r["judge"] in JUDGES]
    return Set(items, {(r["judge"], r["id"]): (r["winner_order12"], r["winner_order21"]) for r in rows})


def _records(given: Set) -> Iterator[dict[str, str]]:
    """The file of the recorded judge: what it said of the answers in the order shown."""
    for (model, item), picks in given.picks.items():
        one, two = given.items[item]["output_1"], given.items[item]["output_2"]
        for (first, second), pick in zip(((one, two), (two, one)), picks, strict=True):
            winner = "first" if (pick == 1) == (first is one) else "second"
            yield {"model": model, "question": given.items[item]["input"], "answer_1": first, "answer_2": second, "winner": winner}


@pytest.fixture(scope="module")
def home(faireval: Set, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("faireval")
    (path / "verdicts.jsonl").write_text("".join(json.dumps(r) + "\n" for r in _records(faireval)))
    models = {name: {"endpoint": "recorded", "model": name, "family": name} for name in JUDGES}
    llm = {"endpoints": {"recorded": {"embedded": "recorded", "recorded_file": "verdicts.jsonl"}}, "models": models}
    settings = {"clock": {"first_week": WEEK}, "llm": llm, "verdicts": {"panel": list(JUDGES)}}
    (path / "liveeval.yaml").write_text(yaml.safe_dump(settings))
    yield Home(path)
    stop_servers()


@pytest.fixture(scope="module")
def judged(faireval: Set, home: Home) -> pa.Table:
    """verdicts/judged of the comparisons; answer 1 is the candidate's."""
    rows, texts = faireval.items.items(), [("new", WEEK, "output_1"), ("old", BEFORE, "output_2")]
    versions = TABLES["eval_sets/versions"].rows([{**cases.item("frozen", i, BEFORE, None), "question": r["input"], "history": []} for i, r in rows])
    answers = TABLES["responses/answers"].rows([cases.answer("frozen", i, name, "replayed", w, r[text]) for name, w, text in texts for i, r in rows])
    registry = cases.registry(("old", "x", BEFORE), ("new", "y", WEEK))
    settings = home.settings
    roster = roster_of(settings.verdicts, settings.llm.models)
    todo = [c for c in plan(versions, answers, TABLES["verdicts/controls"].empty(), registry, roster, WEEK, 1, len(faireval.items)) if c.task == "compare"]
    models = Models(home)
    replies = models.ask([r for c in todo for r in c.requests], "replaying")
    results = results_of_records(models.finished([r.call_id for r in replies]), {})
    models.close()
    return judge(todo, results, WEEK)


def _rows(judged: pa.Table, name: str) -> list[dict[str, Any]]:
    return [r for r in judged.to_pylist() if r["judge"] == name]


@pytest.mark.parametrize(("name", "first", "flips", "right"), [("ChatGPT", 0.909, 0.818, 0.917), ("GPT-4", 0.621, 0.303, 0.826)])
def test_the_position_bias_of_the_recorded_judges_is_found(faireval: Set, judged: pa.Table, name: str, first: float, flips: float, right: float) -> None:
    rows = _rows(judged, name)
    assert [r["status"] for r in rows] == ["scored"] * 66
    # with the candidate second, its loss is a pick of the answer shown first
    assert sum(r["first"] + 1 - r["second"] for r in rows) / (2 * len(rows)) == pytest.approx(first, abs=TOLERANCE)
    assert sum(r["first"] != r["second"] for r in rows) / len(rows) == pytest.approx(flips, abs=TOLERANCE)
    agreed = [(r["verdict"] == "a_wins") == (faireval.items[r["item_id"]]["label"] == 1) for r in rows if r["verdict"] != "tie"]
    assert sum(agreed) / len(agreed) == pytest.approx(right, abs=TOLERANCE)


def test_a_flip_is_a_tie_and_never_a_win(judged: pa.Table) -> None:
    for row in judged.to_pylist():
        assert (row["verdict"] == "tie") == (row["first"] != row["second"])


def test_each_order_was_asked_for_what_was_recorded(faireval: Set, judged: pa.Table) -> None:
    for name in JUDGES:
        for row in _rows(judged, name):
            first, second = faireval.picks[name, row["item_id"]]
            assert (row["first"], row["second"]) == (float(first == 1), float(second == 1))
