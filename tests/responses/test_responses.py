"""Who answers what, and how it is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from liveeval_assets.responses import checks
from liveeval_assets.responses.answers import imported, logged, replayed, table
from liveeval_assets.responses.files import parse
from liveeval_assets.responses.plan import Replay, incumbent, replays
from liveeval_assets.responses.replay import requests
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.llm import Reply
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.verdicts import cases
from tests.verdicts.cases import N_FROZEN, N_LIVING, NEXT, WEEK

BOTH = (WEEK, NEXT)
SAMPLING = {"generator": (("model", "m"),)}


def planned(week: date = NEXT, *, with_bridge: bool = True, **changes: pa.Table) -> list[Replay]:
    given = {"versions": cases.versions(BOTH), "registry": cases.registry(), **changes}
    return replays(given["versions"], given["registry"], week, 1, with_bridge=with_bridge)


def sizes(found: list[Replay]) -> list[tuple[str, str, int]]:
    return [(r.release["release_id"], r.items[0]["role"], len(r.items)) for r in found]


def reply(status: str, text: str | None, call_id: str = "c") -> Reply:
    value = {"text": text} if text is not None else None
    return Reply(call_id, status, value, "m", "m", "f", 1, 1, 0.0, 1, is_bought=True, seconds=0.1)  # type: ignore[arg-type]


def test_a_new_release_answers_the_frozen_set_and_the_bridge_answers_the_weeks_items() -> None:
    assert sizes(planned(WEEK)) == [("r1", "frozen", N_FROZEN)]
    assert sizes(planned(NEXT)) == [("r2", "frozen", N_FROZEN), ("r1", "living", N_LIVING), ("r2", "living", 2)]
    assert sizes(planned(NEXT, with_bridge=False)) == [("r2", "frozen", N_FROZEN)]


def test_a_week_without_a_change_replays_nothing() -> None:
    third = NEXT + timedelta(days=7)
    versions = cases.versions((WEEK, NEXT, third))
    assert planned(third, versions=versions) == []


def test_a_frozen_set_that_comes_after_a_release_is_answered_when_it_comes() -> None:
    rows = cases.versions(BOTH).to_pylist()
    late = TABLES["eval_sets/versions"].rows([{**r, "week": NEXT} if r["role"] == "frozen" else r for r in rows])
    assert planned(WEEK, versions=late) == []
    assert sizes(planned(NEXT, versions=late, with_bridge=False)) == [("r1", "frozen", N_FROZEN), ("r2", "frozen", N_FROZEN)]


def test_a_quiet_week_between_two_releases_does_not_lose_the_bridge() -> None:
    third = NEXT + timedelta(days=7)
    rows = [{**r, "week": third} if r["week"] == NEXT else r for r in cases.versions(BOTH).to_pylist()]
    registry = cases.registry(("r1", "borealis", WEEK), ("r2", "borealis", third))
    found = sizes(planned(third, versions=TABLES["eval_sets/versions"].rows(rows), registry=registry))
    assert ("r1", "living", N_LIVING) in found


def test_logged_only_releases_are_never_asked() -> None:
    rows = [{**r, "answers_by": "logged", "answers_at": None} for r in cases.registry().to_pylist()]
    assert planned(NEXT, registry=TABLES["releases/registry"].rows(rows)) == []
    mixed = TABLES["releases/registry"].rows([rows[0], *cases.registry().to_pylist()[1:]])
    assert sizes(planned(NEXT, registry=mixed)) == [("r2", "frozen", N_FROZEN)]


def test_the_incumbent_serves_most_of_the_traffic_not_most_of_the_items() -> None:
    rows = [cases.item(f"living-{WEEK}", f"a{i}", WEEK, "r1", weight=1.0) for i in range(5)] + [cases.item(f"living-{WEEK}", "b", WEEK, "r2", weight=9.0)]
    assert incumbent(TABLES["eval_sets/versions"].rows(rows), cases.registry(), WEEK) == "r2"
    assert incumbent(TABLES["eval_sets/versions"].empty(), cases.registry(), WEEK) is None


def test_burned_items_are_not_asked() -> None:
    rows = cases.versions().to_pylist()
    rows[0]["status"] = "burned"
    assert sizes(planned(WEEK, versions=TABLES["eval_sets/versions"].rows(rows))) == [("r1", "frozen", N_FROZEN - 1)]


def test_a_replay_carries_history_question_and_the_products_prompt() -> None:
    history = [
        {"role": "system", "text": "secret", "tool_calls": ""},
        {"role": "user", "text": "hi", "tool_calls": ""},
        {"role": "assistant", "text": "", "tool_calls": '[{"name": "find"}]'},
        {"role": "tool", "text": "found 3", "tool_calls": ""},
    ]
    versions = TABLES["eval_sets/versions"].rows([{**cases.item("frozen", "f0", WEEK, None), "history": history}])
    [(_, _, request)] = requests(planned(WEEK, versions=versions), "Be brief.", SAMPLING)
    assert request.history == (("user", "hi"), ("assistant", '[tool calls [{"name": "find"}]]'), ("assistant", "found 3"))
    assert (request.system, request.prompt, request.role, request.model) == ("Be brief.", "question f0?", "release", "generator")


def test_rows_of_every_mode() -> None:
    anonymised = [{"item_id": f"l{i}-{NEXT}", "answer": f"logged {i}"} for i in range(N_LIVING)]
    asked = requests(planned(), "s", SAMPLING)
    replies = [reply("refused", None) if i == 0 else reply("ok", f"again {i}") for i in range(len(asked))]
    rows = logged(cases.versions(BOTH), pa.Table.from_pylist(anonymised), NEXT) + replayed(asked, replies)
    found = table(rows, NEXT)
    assert violations(TABLES["responses/answers"], found) == {}
    assert found.num_rows == N_LIVING + N_FROZEN + N_LIVING + 2
    failed = [r for r in found.to_pylist() if r["status"] != "ok"]
    assert [(r["status"], r["answer"], r["n_characters"]) for r in failed] == [("refused", None, None)]
    assert table(rows[::-1], NEXT).equals(found)
    tables = {"responses/answers": found, "eval_sets/versions": cases.versions(BOTH), "releases/registry": cases.registry()}
    assert all(c.run(tables).passed for c in checks.CHECKS)
    without = {**tables, "responses/answers": found.filter(pa.array([r["mode"] != "replayed" for r in found.to_pylist()]))}
    assert [c.name for c in checks.CHECKS if not c.run(without).passed] == ["new_releases_answer_all"]
    headless = {**tables, "responses/answers": found.filter(pa.array([r["mode"] != "logged" for r in found.to_pylist()]))}
    assert [c.name for c in checks.CHECKS if not c.run(headless).passed] == ["every_living_item_is_logged"]


def test_answers_files_are_joined_on_the_item() -> None:
    rows = [{**r, "answers_by": "file", "answers_at": "a.jsonl"} for r in cases.registry().to_pylist()]
    again = planned(WEEK, registry=TABLES["releases/registry"].rows(rows))
    lines = [f'{{"item_id": "f{i}", "answer": "from a file {i}"}}' for i in range(N_FROZEN)]
    assert requests(again, "s", SAMPLING) == []
    found = imported(again, {"r1": parse([*lines, "", '{"item_id": "stranger", "answer": "x"}'], "a.jsonl")})
    assert [(r["item_id"], r["mode"], r["answer"]) for r in found] == [(f"f{i}", "imported", f"from a file {i}") for i in range(N_FROZEN)]


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", '{"item_id": 3, "answer": "needle"}', '{"item_id": "a"}', "[" * 100_000, '{"item_id": "f0", "answer": "needle"}']
)
def test_a_bad_line_is_named_and_not_repeated(line: str) -> None:
    with pytest.raises(SourceError, match=r"a\.jsonl line 2") as raised:
        parse(['{"item_id": "f0", "answer": "x"}', line], "a.jsonl")
    assert "needle" not in str(raised.value)


def test_a_missing_answers_file_says_what_to_do(tmp_path: Path) -> None:
    from liveeval_assets.responses.assets import _read
    from liveeval_assets.runtime.home import Home

    with pytest.raises(SourceError, match="answers_by: logged"):
        _read(Home(tmp_path), "nowhere.jsonl")
