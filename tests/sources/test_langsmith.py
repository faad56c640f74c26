"""LangSmith batches: a patch completes its post, in the same batch or a later one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.sources.chat_message import Message
from liveeval_assets.sources.langsmith import langsmith_spans

OWN = "d0d84d31-923d-4cb5-94a8-40a0a0087578"
ORDER = f"20260601T100000000000Z{OWN}"
POST = {
    "id": OWN,
    "trace_id": "t1",
    "parent_run_id": "p1",
    "name": "Chat",
    "run_type": "llm",
    "start_time": "2026-06-01T10:00:00+00:00",
    "session_name": "a project",
    "inputs": {"messages": [{"role": "user", "content": "Weather in Graz?"}]},
    "outputs": {},
    "extra": {"metadata": {"ls_model_name": "m", "thread_id": "s1", "user_id": "u1", "revision_id": "r1"}},
}
PATCH = {
    "id": OWN,
    "trace_id": "t1",
    "parent_run_id": None,
    "end_time": "2026-06-01T10:00:01+00:00",
    "outputs": {"choices": [{"message": {"role": "assistant", "content": "It rains."}}]},
    "extra": {},
}


def test_a_patch_completes_its_post_and_what_it_leaves_empty_stays() -> None:
    (found,) = langsmith_spans([{"post": [POST], "patch": [PATCH]}])
    assert (found.trace_id, found.span_id, found.parent_id, found.kind, found.model) == ("t1", OWN, "p1", "generation", "m")
    assert (found.session_id, found.user_id, found.release) == ("s1", "u1", "r1")
    assert (found.given, found.produced) == ((Message("user", "Weather in Graz?"),), (Message("assistant", "It rains."),))
    assert (found.started_at, found.ended_at) == (datetime(2026, 6, 1, 10, tzinfo=UTC), datetime(2026, 6, 1, 10, 0, 1, tzinfo=UTC))


def test_a_patch_of_a_later_batch_finds_its_post_by_the_end_of_its_order() -> None:
    patch = {k: v for k, v in PATCH.items() if k != "id"} | {"dotted_order": f"20260601T095900000000Zp1.{ORDER}"}
    together = list(langsmith_spans([{"post": [POST], "patch": [PATCH]}]))
    assert list(langsmith_spans([{"post": [POST]}, {"patch": [patch]}])) == together


def test_times_are_milliseconds_or_stand_in_the_order() -> None:
    (found,) = langsmith_spans([{"post": [{**POST, "start_time": 1_780_308_000_000}]}])
    assert found.started_at == datetime(2026, 6, 1, 10, tzinfo=UTC)
    (naive,) = langsmith_spans([{"post": [{**POST, "start_time": "2026-06-01T11:00:00", "dotted_order": ORDER}]}])
    assert naive.started_at == datetime(2026, 6, 1, 10, tzinfo=UTC)
    (none,) = langsmith_spans([{"post": [{**POST, "start_time": "2026-06-01T11:00:00", "dotted_order": f"20269901T100000000000Z{OWN}"}]}])
    assert none.started_at is None


def test_one_run_alone_is_read_and_a_tools_run_tells_its_call() -> None:
    (found,) = langsmith_spans([{**POST, "run_type": "tool", "name": "look_up", "inputs": {"city": "Graz"}, "outputs": {"output": "rain"}}])
    assert (found.kind, found.tool_name, found.tool_arguments, found.tool_result) == ("tool", "look_up", '{"city":"Graz"}', "rain")


@pytest.mark.parametrize("record", [{}, {"post": [1, {}]}, {"post": 3, "patch": [None]}, {"run_type": "llm"}])
def test_what_is_no_run_gives_none(record: dict[str, Any]) -> None:
    assert list(langsmith_spans([record])) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda v: st.lists(v, max_size=2) | st.dictionaries(st.text(max_size=3), v, max_size=2),
)


@given(st.dictionaries(st.sampled_from([*POST, *PATCH, "post", "patch", "dotted_order"]), JSON))
def test_no_record_raises(record: dict[str, Any]) -> None:
    list(langsmith_spans([record, {"post": [POST, record], "patch": [{**PATCH, **record}]}]))
