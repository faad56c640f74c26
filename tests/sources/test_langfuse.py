"""Langfuse exports: traces with observations, rows of the blob export, and scores."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.sources.chat_message import Message
from liveeval_assets.sources.fold import conversations
from liveeval_assets.sources.langfuse import langfuse_spans
from liveeval_assets.sources.langfuse_scores import Score, langfuse_scores, user_scores

OBSERVATION = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "name": "chat",
    "parentObservationId": "o0",
    "startTime": "2026-06-01T10:00:00.000Z",
    "endTime": "2026-06-01T10:00:01.000Z",
    "model": "m",
    "input": json.dumps([{"role": "user", "content": "Weather in Graz?"}]),
    "output": json.dumps({"role": "assistant", "content": "It rains."}),
    "metadata": json.dumps({"attributes": {"gen_ai.tool.call.id": "c1", "gen_ai.tool.name": "look_up"}}),
}
TRACE = {"id": "t1", "timestamp": "2026-06-01T10:00:00Z", "name": "agent", "userId": "u", "sessionId": "s", "release": None, "version": "7", "scores": []}


def test_a_trace_export_gives_the_trace_and_its_observations() -> None:
    trace, found = langfuse_spans({"trace": TRACE, "observations": [OBSERVATION]})
    assert (trace.span_id, trace.name, trace.kind) == ("t1", "agent", "other")
    assert (found.trace_id, found.span_id, found.parent_id, found.name, found.kind, found.model) == ("t1", "o1", "o0", "chat", "generation", "m")
    assert (found.session_id, found.user_id, found.release) == ("s", "u", "7")
    assert (found.given, found.produced) == ((Message("user", "Weather in Graz?"),), (Message("assistant", "It rains."),))
    assert (found.started_at, found.ended_at) == (datetime(2026, 6, 1, 10, tzinfo=UTC), datetime(2026, 6, 1, 10, 0, 1, tzinfo=UTC))


def test_a_trace_that_holds_its_observations_gives_the_same() -> None:
    export = {"trace": TRACE, "observations": [OBSERVATION]}
    assert list(langfuse_spans({**TRACE, "observations": [OBSERVATION]})) == list(langfuse_spans(export))
    assert list(langfuse_spans({"trace": {**TRACE, "observations": [OBSERVATION]}})) == list(langfuse_spans(export))


def test_rows_of_the_blob_export_are_read_and_their_times_are_utc() -> None:
    row = {
        "id": "o1",
        "trace_id": "t1",
        "type": "GENERATION",
        "start_time": "2026-06-01 10:00:00.000000",
        "provided_model_name": "m",
        "session_id": "s",
        "user_id": "u",
    }
    (found,) = langfuse_spans({**row, "input": "Weather in Graz?", "output": "It rains.", "version": "v1"})
    assert (found.trace_id, found.session_id, found.user_id, found.model, found.release) == ("t1", "s", "u", "m", "v1")
    assert (found.started_at, found.given, found.produced) == (
        datetime(2026, 6, 1, 10, tzinfo=UTC),
        (Message("user", "Weather in Graz?"),),
        (Message("assistant", "It rains."),),
    )


def test_rows_of_traces_and_of_observations_fold_together() -> None:
    trace = {"id": "t1", "timestamp": "2026-06-01 10:00:00", "session_id": "s", "user_id": "u", "release": "r"}
    rows = [{k: v for k, v in OBSERVATION.items() if k != "parentObservationId"}, trace]
    (found,) = conversations(span for row in rows for span in langfuse_spans(row))
    assert (found.id, found.user, found.release, [m.text for m in found.messages]) == ("s", "u", "r", ["Weather in Graz?", "It rains."])


def test_a_tools_observation_tells_its_call() -> None:
    (found,) = langfuse_spans({**OBSERVATION, "type": "TOOL", "input": '{"city": "Graz"}', "output": "rain"})
    assert (found.kind, found.tool_name, found.tool_call_id, found.tool_arguments, found.tool_result) == ("tool", "look_up", "c1", '{"city":"Graz"}', "rain")
    (nothing,) = langfuse_spans({**OBSERVATION, "type": "TOOL", "output": "null"})
    assert nothing.tool_result is None


def test_an_answer_that_is_json_stays_an_answer() -> None:
    (found,) = langfuse_spans({**OBSERVATION, "output": '{"answer": 2}'})
    assert found.produced == (Message("assistant", '{"answer": 2}'),)


@pytest.mark.parametrize(
    "record", [{}, {"id": "x"}, {"trace": {}}, {"trace": {"id": 3}}, {"id": None, "trace_id": "t"}, {"trace": {"id": "t"}, "observations": [3, {"id": 4}]}]
)
def test_what_is_no_observation_gives_none(record: dict[str, Any]) -> None:
    assert [s for s in langfuse_spans(record) if s.span_id != "t"] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda v: st.lists(v, max_size=2) | st.dictionaries(st.text(max_size=3), v, max_size=2),
)


@given(st.dictionaries(st.sampled_from([*OBSERVATION, *TRACE, "trace", "observations", "value", "dataType", "stringValue", "source"]), JSON))
def test_no_record_raises(record: dict[str, Any]) -> None:
    for value in (record, {**OBSERVATION, **record}, {"trace": {**TRACE, **record}, "observations": [record]}):
        conversations(langfuse_spans(value))
        list(langfuse_scores(value))


SCORE = {"id": "s1", "name": "helpful", "value": 1, "source": "API", "dataType": "NUMERIC", "traceId": "t1", "timestamp": "2026-06-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({}, 1.0),
        ({"value": 0.25}, 0.25),
        ({"dataType": None}, 1.0),
        ({"dataType": "BOOLEAN"}, True),
        ({"dataType": "BOOLEAN", "value": 0, "stringValue": "False"}, False),
        ({"dataType": "BOOLEAN", "value": None, "stringValue": "True"}, True),
        ({"dataType": "CATEGORICAL", "value": 2, "stringValue": "good"}, "good"),
        ({"dataType": "CATEGORICAL", "value": "good"}, "good"),
    ],
)
def test_a_score_has_the_type_that_it_declares(change: dict[str, Any], value: Any) -> None:
    (found,) = langfuse_scores({**SCORE, **change})
    assert (found.value, type(found.value)) == (value, type(value))


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"name": None},
        {"value": None},
        {"value": "1"},
        {"value": True},
        {"source": "ELSEWHERE"},
        {"dataType": "BOOLEAN", "value": 0.5},
        {"dataType": "IMAGE"},
        {"value": 10**400},
    ],
)
def test_a_score_without_id_name_value_or_origin_is_none(change: dict[str, Any]) -> None:
    assert list(langfuse_scores({**SCORE, **change})) == []


def test_users_scores_and_annotations_are_told_apart() -> None:
    rows = [{**SCORE, "id": source, "source": source} for source in ("API", "EVAL", "ANNOTATION")]
    found = list(langfuse_scores({"trace": {**TRACE, "scores": rows}}))
    assert [s.origin for s in found] == ["api", "eval", "annotation"]
    assert [s.id for s in user_scores(found)] == ["API"]


def test_a_score_row_is_read_in_either_case_style() -> None:
    row = {
        "id": "s1",
        "name": "n",
        "value": 1,
        "source": "ANNOTATION",
        "data_type": "NUMERIC",
        "trace_id": "t",
        "session_id": "s",
        "observation_id": "o",
    }
    assert list(langfuse_scores({**row, "timestamp": "2026-06-01 10:00:00"})) == [
        Score("s1", "n", "annotation", 1.0, "t", "s", "o", datetime(2026, 6, 1, 10, tzinfo=UTC))
    ]
