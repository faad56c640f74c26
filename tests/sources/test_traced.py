"""Sources of spans: conversations over many documents and files, each read whole, and nothing of them lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from liveeval_assets.outcomes.events import by_conversation
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import outcome_entries, trace_index
from liveeval_assets.settings import FieldMap, FileSource, Outcomes, Traces
from liveeval_assets.shared.ids import conversation_id
from liveeval_assets.shared.spec import violations
from liveeval_assets.sources import traced
from liveeval_assets.traces.ingest import CONVERSATIONS, QUARANTINE, repeats
from tests.sources import otlp_build as otlp
from tests.traces.build import FIRST, KEY, ingest_week, n_read

BEGAN = datetime(2026, 6, 2, 10, tzinfo=UTC)
SETTINGS = """
clock: {{first_week: 2026-06-01, last_week: 2026-06-15, as_of: 2026-06-22T00:00:00Z}}
traces:
  sources:
    - name: app
      files: source/*.json*
      format: {form}
      map: {{defaults: {{release: r0}}}}
outcomes:
  sources:
    - {{name: app, files: scores/*.jsonl, format: langfuse_scores}}
"""


def _home(path: Path, form: str, files: dict[str, list[Any]]) -> Home:
    (path / "liveeval.yaml").write_text(SETTINGS.format(form=form))
    for name, documents in files.items():
        file = path / "source" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join((d if isinstance(d, str) else json.dumps(d)) + "\n" for d in documents))
    return Home(path)


def _observation(own: str, after: int, said: list[str], answer: str, trace: str = "t1", **fields: Any) -> dict[str, Any]:
    """A model's call in a row of the blob export: user and assistant take turns."""
    messages = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(said)]
    at = {"start_time": _at(after), "end_time": _at(after + 1)}
    row = {"id": own, "trace_id": trace, "type": "GENERATION", "input": json.dumps(messages), **at}
    return {**row, "output": json.dumps({"role": "assistant", "content": answer}), **fields}


def _at(seconds: int) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat()


def _rows(home: Home, week: date = FIRST) -> dict[str, Any]:
    found = ingest_week(home, week)
    assert not violations(CONVERSATIONS, found.conversations)
    assert not violations(QUARANTINE, found.quarantine)
    read = sum(s.n_records for s in trace_index(home, repeats).weeks.get(week, ()))
    assert read == sum(found.conversations["n_records"].to_pylist()) + sum(found.quarantine["n_records"].to_pylist())
    return {"kept": {r["conversation_id"]: r for r in found.conversations.to_pylist()}, "refused": found.quarantine.to_pylist()}


def _texts(row: dict[str, Any]) -> list[str]:
    return [m["text"] for m in row["messages"]]


def _id(name: str) -> str:
    return conversation_id(KEY, "app", name)


SESSION = {"session_id": "s", "user_id": "u", "release": "r1"}
TURNS = [
    _observation("a", 0, ["Graz?"], "rain", **SESSION),
    _observation("b", 60, ["Graz?", "rain", "Linz?"], "dry", trace="t2", **SESSION),
    _observation("c", 90, ["Wien?"], "sun", trace="t3"),
]


def test_a_conversation_over_several_files_is_one_and_has_every_message_once(tmp_path: Path) -> None:
    found = _rows(_home(tmp_path, "langfuse", {"1.jsonl": [TURNS[1], TURNS[2]], "2.jsonl": [TURNS[0]]}))
    session, alone = found["kept"][_id("s")], found["kept"][_id("t3")]
    assert _texts(session) == ["Graz?", "rain", "Linz?", "dry"]
    assert (session["release_id"], session["n_records"], session["started_at"]) == ("r1", 2, BEGAN)
    assert session["ended_at"] == BEGAN + timedelta(seconds=61)
    # defaults fill what the spans do not say
    assert (_texts(alone), alone["release_id"]) == (["Wien?", "sun"], "r0")
    assert found["refused"] == []


def test_a_conversation_belongs_to_the_week_in_which_it_began_and_grows_there(tmp_path: Path) -> None:
    late = _observation("b", 6 * 86_400, ["Graz?", "rain", "Linz?"], "dry", trace="t2", **SESSION)
    home = _home(tmp_path, "langfuse", {"1.jsonl": [TURNS[0]]})
    before = trace_index(home, repeats).fingerprint(FIRST)
    (tmp_path / "source" / "2.jsonl").write_text(json.dumps(late) + "\n")
    assert trace_index(home, repeats).fingerprint(FIRST) != before
    assert n_read(home, FIRST + timedelta(weeks=1)) == 0
    assert _texts(_rows(home)["kept"][_id("s")]) == ["Graz?", "rain", "Linz?", "dry"]


def test_documents_without_spans_and_conversations_without_a_question_are_quarantined_at_their_place(tmp_path: Path) -> None:
    silent = [_observation(own, 100, [], "?", trace=own) for own in ("x", "y")]
    whole = {"trace": {"id": "z", "timestamp": _at(0)}, "observations": silent}
    nobody = {"trace": {"id": "n", "timestamp": _at(5)}, "observations": [_observation("m", 100, [], "?", trace="n")]}
    found = _rows(_home(tmp_path, "langfuse", {"1.jsonl": [TURNS[0], {"no": "span"}, "{", whole, nobody]}))
    assert set(found["kept"]) == {_id("s")}
    told = {(r["line"], r["part"], r["reason"], r["field"]) for r in found["refused"]}
    assert {(2, 0, "missing_field", "spans"), (3, 0, "not_json", None)} <= told
    places = {(2, "missing_field"), (3, "not_json"), (4, "missing_field"), (4, "no_user_turn"), (5, "no_user_turn")}
    assert {(line, reason) for line, _, reason, _ in told} == places
    assert len({(r["file"], r["line"], r["part"]) for r in found["refused"]}) == len(found["refused"])


def test_only_the_documents_that_are_needed_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _home(tmp_path, "langfuse", {"1.jsonl": TURNS[:2], "2.jsonl": [TURNS[2], _observation("d", 7 * 86_400, ["Krems?"], "fog", trace="t4")]})
    index = trace_index(home, repeats)
    assert {w: len(s) for w, s in index.weeks.items()} == {FIRST: 2, FIRST + timedelta(weeks=1): 1}
    read: list[Any] = []
    fold = traced.conversations

    def spied(spans: Any) -> Any:
        found = list(spans)
        read.extend(s.span_id for s in found)
        return fold(found)

    monkeypatch.setattr(traced, "conversations", spied)
    ingest_week(home, FIRST + timedelta(weeks=1))
    assert read == ["d"]


def test_otlp_spans_with_tool_calls_become_a_conversation(tmp_path: Path) -> None:
    said = [{"role": "user", "parts": [{"type": "text", "content": "Graz?"}]}]
    asked = [{"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"city": "Graz"}}]}]
    model = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.conversation.id": "s"}
    model |= {"gen_ai.input.messages": json.dumps(said), "gen_ai.output.messages": json.dumps(asked)}
    document = otlp.spans_document([otlp.span("chat", model)], **{"service.version": "2.1"})
    week = (datetime.fromtimestamp(otlp.START / 1e9, UTC) - timedelta(days=datetime.fromtimestamp(otlp.START / 1e9, UTC).weekday())).date()
    home = _home(tmp_path, "otlp", {"spans.json": [document]})
    (row,) = _rows(home, week)["kept"].values()
    assert (row["conversation_id"], row["release_id"], row["messages"][0]["text"]) == (_id("s"), "2.1", "Graz?")
    assert json.loads(row["messages"][1]["tool_calls"])[0]["name"] == "look_up"


def test_langsmith_patches_of_a_later_batch_complete_their_runs(tmp_path: Path) -> None:
    run = {"id": "11111111-1111-4111-8111-111111111111", "trace_id": "t", "run_type": "llm", "name": "chat"}
    post = {**run, "start_time": _at(0), "inputs": {"messages": [{"role": "user", "content": "Graz?"}]}}
    patch = {**run, "end_time": _at(2), "outputs": {"choices": [{"message": {"role": "assistant", "content": "rain"}}]}}
    (row,) = _rows(_home(tmp_path, "langsmith", {"1.json": [{"post": [post]}], "2.json": [{"patch": [patch]}]}))["kept"].values()
    assert _texts(row) == ["Graz?", "rain"]


def test_scores_that_users_gave_join_the_conversation_of_their_trace(tmp_path: Path) -> None:
    home = _home(tmp_path, "langfuse", {"1.jsonl": TURNS})
    score = {"id": "1", "name": "resolution", "source": "API", "dataType": "NUMERIC", "value": 1, "timestamp": _at(500)}
    rows = [
        {**score, "traceId": "t2"},
        {**score, "id": "2", "sessionId": "s"},
        {**score, "id": "3", "traceId": "t3", "dataType": "BOOLEAN", "value": 0},
        {**score, "id": "4", "traceId": "t3", "source": "EVAL"},
        {**score, "id": "5", "traceId": "t3", "source": "ANNOTATION"},
    ]
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores" / "1.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    found = outcome_entries(home, by_conversation)
    told = {c: sorted(float((e.fields or {})["value"]) for e in entries) for c, entries in found.items()}
    key = home.hmac_key
    assert told == {conversation_id(key, "app", "s"): [1.0, 1.0], conversation_id(key, "app", "t3"): [0.0]}


@pytest.mark.parametrize(("section", "form", "told"), [(Traces, "langfuse_scores", "no traces"), (Outcomes, "otlp", "not outcomes")])
def test_a_format_in_the_wrong_place_is_refused(section: type[Traces | Outcomes], form: Any, told: str) -> None:
    source = FileSource(name="s", files="*", format=form, map=FieldMap(fields={}))
    with pytest.raises(ValidationError, match=told):
        section(sources=[source])
