"""OTLP/JSON: spans, their events and the logs beside them become spans with their chats, whichever convention wrote them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.sources.chat_message import Message, ToolCall
from liveeval_assets.sources.indexed import unflattened
from liveeval_assets.sources.otlp import otlp_spans
from liveeval_assets.sources.otlp_values import any_value, attributes_of, own_id
from liveeval_assets.sources.spans import Span, epoch_moment, utc_moment
from tests.sources.otlp_build import SPAN, TRACE, document, log_document, span, spans_document
from tests.sources.otlp_build import any_value as wrapped

CALL = ToolCall("c1", "look_up", '{"city":"Graz"}')
GIVEN = (Message("system", "Be brief."), Message("user", "Weather in Graz?"))
SAID = (Message("assistant", "It rains."),)


def _one(*documents: dict[str, Any]) -> Span:
    (found,) = otlp_spans(documents)
    return found


def _parts(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


CONVENTIONS: dict[str, dict[str, Any]] = {
    "GenAI": {
        "gen_ai.operation.name": "chat",
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
        "gen_ai.input.messages": json.dumps([_parts("user", "Weather in Graz?")]),
        "gen_ai.output.messages": json.dumps([_parts("assistant", "It rains.")]),
    },
    "OpenInference": {
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.role": "system",
        "llm.input_messages.0.message.content": "Be brief.",
        "llm.input_messages.1.message.role": "user",
        "llm.input_messages.1.message.contents.0.message_content.type": "text",
        "llm.input_messages.1.message.contents.0.message_content.text": "Weather in Graz?",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "It rains.",
        "input.value": "not this",
    },
    "OpenLLMetry": {
        "llm.request.type": "chat",
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "Weather in Graz?",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "It rains.",
    },
    "Vercel": {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.prompt.messages": json.dumps(
            [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Weather in Graz?"}]}]
        ),
        "ai.response.text": "It rains.",
    },
    "ADK": {
        "gen_ai.request.model": "m",
        "gcp.vertex.agent.llm_request": json.dumps(
            {"config": {"system_instruction": "Be brief."}, "contents": [{"parts": [{"text": "Weather in Graz?"}], "role": "user"}]}
        ),
        "gcp.vertex.agent.llm_response": json.dumps({"content": {"parts": [{"text": "It rains."}], "role": "model"}}),
    },
    "Langfuse": {
        "langfuse.observation.type": "generation",
        "langfuse.observation.input": json.dumps({"system": "Be brief.", "prompt": "Weather in Graz?"}),
        "langfuse.observation.output": "It rains.",
    },
    "values": {
        "openinference.span.kind": "LLM",
        "input.value": json.dumps({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather in Graz?"}]}),
        "output.value": "It rains.",
    },
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_chat_is_found_in_every_convention(name: str) -> None:
    found = _one(document("chat m", CONVENTIONS[name]))
    assert (found.kind, found.given, found.produced) == ("generation", GIVEN, SAID)


def test_calls_are_found_where_attributes_are_flattened() -> None:
    flat = {
        "openinference.span.kind": "LLM",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look_up",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Graz"}',
        "llm.input_messages.0.message.role": "tool",
        "llm.input_messages.0.message.content": "rain",
        "llm.input_messages.0.message.tool_call_id": "c0",
    }
    found = _one(document("m", flat))
    assert (found.produced, found.given) == ((Message("assistant", "", (CALL,)),), (Message("tool", "rain", (), "c0"),))
    vercel = {"ai.prompt": '{"prompt":"x"}', "ai.response.toolCalls": json.dumps([{"toolCallId": "c1", "toolName": "look_up", "args": '{"city":"Graz"}'}])}
    assert _one(document("ai.generateText", vercel)).produced == (Message("assistant", "", (CALL,)),)


EVENTS = [
    ("gen_ai.system.message", {"content": "Be brief."}),
    ("gen_ai.user.message", {"content": "Weather in Graz?", "role": "user"}),
    (
        "gen_ai.assistant.message",
        {"tool_calls": json.dumps([{"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"city":"Graz"}'}}])},
    ),
    ("gen_ai.tool.message", {"content": "rain", "id": "c1"}),
    ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": json.dumps({"role": "assistant", "content": "It rains."})}),
]
WHOLE = (*GIVEN, Message("assistant", "", (CALL,)), Message("tool", "rain", (), "c1"))


def test_messages_in_span_events_are_read() -> None:
    found = _one(document("chat m", {"gen_ai.operation.name": "chat"}, events=[*EVENTS, ("exception", {"content": "x"})]))
    assert (found.given, found.produced) == (WHOLE, SAID)


def test_events_may_hold_their_message_as_one_json_text() -> None:
    events = [
        ("gen_ai.user.message", {"gen_ai.event.content": json.dumps({"role": "user", "content": "Weather in Graz?"})}),
        ("gen_ai.choice", {"gen_ai.event.content": json.dumps({"index": 0, "message": {"content": "It rains."}})}),
    ]
    found = _one(document("chat m", {"gen_ai.operation.name": "chat"}, events=events))
    assert (found.given, found.produced) == (GIVEN[1:], SAID)


def test_a_plain_text_is_a_message_only_where_a_model_was_asked() -> None:
    found = _one(document("run", {"langfuse.observation.type": "span", "langfuse.observation.input": "Weather in Graz?", "output.value": "It rains."}))
    assert (found.kind, found.given, found.produced) == ("other", (), ())
    assert (found.given_text, found.produced_text) == ("Weather in Graz?", "It rains.")


def test_messages_in_logs_complete_their_span_whichever_comes_first() -> None:
    logs = [log_document(name, {}, body) for name, body in EVENTS]
    spans = document("chat m", {"gen_ai.operation.name": "chat"})
    for documents in ([spans, *logs], [*logs, spans]):
        found = _one(*documents)
        assert (found.name, found.given, found.produced) == ("chat m", WHOLE, SAID)


def test_logs_without_their_span_stand_for_it() -> None:
    found = _one(*(log_document(name, {}, body) for name, body in EVENTS))
    assert (found.trace_id, found.span_id, found.kind, found.given, found.produced) == (TRACE, SPAN, "generation", WHOLE, SAID)
    assert found.started_at == datetime.fromtimestamp(1_780_000_000, UTC)


def test_a_tools_span_tells_its_call() -> None:
    attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up", "gen_ai.tool.call.id": "c1"}
    found = _one(document("execute_tool look_up", {**attributes, "gen_ai.tool.call.arguments": {"city": "Graz"}, "gen_ai.tool.call.result": "rain"}))
    assert (found.kind, found.tool_name, found.tool_call_id, found.tool_arguments, found.tool_result) == ("tool", "look_up", "c1", '{"city":"Graz"}', "rain")
    other = _one(document("look_up", {"openinference.span.kind": "TOOL", "tool.name": "look_up", "input.value": '{"city": "Graz"}', "output.value": "rain"}))
    assert (other.kind, other.tool_name, other.tool_arguments, other.tool_result) == ("tool", "look_up", '{"city": "Graz"}', "rain")


def test_ids_times_and_context_are_read() -> None:
    spans = [span("agent", {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "s1", "user.id": "u1"}, parent="00f067aa0ba902b7")]
    found = _one(spans_document(spans, **{"service.version": "1.2"}))
    assert (found.trace_id, found.span_id, found.parent_id) == (TRACE, SPAN, "00f067aa0ba902b7")
    assert (found.session_id, found.user_id, found.release, found.kind) == ("s1", "u1", "1.2", "agent")
    assert (found.started_at, found.ended_at) == (datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC), datetime(2026, 5, 28, 20, 26, 40, 500000, tzinfo=UTC))


def test_protobuf_names_and_base64_ids_are_read() -> None:
    trace, own = (base64.b64encode(bytes.fromhex(text)).decode() for text in (TRACE, SPAN))
    item = {"trace_id": trace, "span_id": own, "name": "n", "start_time_unix_nano": 1, "attributes": [{"key": "user.id", "value": {"string_value": "u"}}]}
    found = _one({"resource_spans": [{"scope_spans": [{"spans": [item]}]}]})
    assert (found.trace_id, found.span_id, found.user_id) == (TRACE, SPAN, "u")


@pytest.mark.parametrize("text", ["", "00" * 8, "xyz", "b7ad6b7169203331ff", "abcd", "=", "é" * 12, None, 7])
def test_what_is_no_id_is_none(text: Any) -> None:
    assert own_id(text, 8) is None


def test_a_span_without_ids_is_no_span() -> None:
    assert list(otlp_spans([spans_document([{"name": "n"}, {"traceId": TRACE, "spanId": "0" * 16}])])) == []


@pytest.mark.parametrize(
    "document",
    [{}, {"resourceSpans": 1}, {"resourceSpans": [1, {"scopeSpans": {}}]}, {"resourceSpans": [{"scopeSpans": [{"spans": [None]}]}]}, {"resourceLogs": [{}]}],
)
def test_what_is_no_document_has_no_spans(document: dict[str, Any]) -> None:
    assert list(otlp_spans([document])) == []


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_a_value_survives_its_wrapping(value: Any) -> None:
    assert any_value(wrapped(value)) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["traceId", "spanId", "parentSpanId", "name", "startTimeUnixNano", "endTimeUnixNano", "attributes", "events", "kind"])
ATTRIBUTES = st.sampled_from(
    [key for convention in CONVENTIONS.values() for key in convention] + ["gen_ai.tool.name", "user.id", "llm.input_messages.0", "gen_ai.prompt.x"]
)


@given(st.dictionaries(NAMES, JSON), st.dictionaries(ATTRIBUTES, st.text(max_size=8) | st.booleans() | st.lists(st.text(max_size=3), max_size=2)), JSON)
def test_no_document_raises(loose: dict[str, Any], attributes: dict[str, Any], anything: Any) -> None:
    good = span("n", attributes, events=[("gen_ai.choice", attributes)])
    found = list(otlp_spans([spans_document([good, {**good, **loose}, anything]), {"resourceLogs": anything}, {"resourceSpans": anything}]))
    assert found[0].span_id == SPAN


def test_numbers_of_flattened_lists_may_have_gaps_and_more_than_one_digit() -> None:
    assert unflattened({"p.10.a": 3, "p.2.a": 2, "p.0.a": 1, "q.0": 9}, "p") == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert unflattened({"p.x": 1}, "p") == unflattened({}, "p") == []


def test_deep_keys_end() -> None:
    found = unflattened({"p." + ".".join(["0"] * 50_000): 1}, "p")
    assert len(found) == 1
    assert _one(document("n", {"llm.input_messages." + "0." * 50_000: "x"})).given == ()


def test_deep_values_end() -> None:
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(500):
        deep = {"arrayValue": {"values": [deep]}}
    assert attributes_of([{"key": "a", "value": deep}])["a"] is not None


def test_moments_are_read_or_are_none() -> None:
    assert epoch_moment("1780000000000000000", 1_000_000_000) == epoch_moment(1_780_000_000_000, 1000) == datetime.fromtimestamp(1_780_000_000, UTC)
    assert [epoch_moment(v, 1000) for v in (0, -1, True, None, "x", 1.5, "9" * 30, "9" * 5000, 10**30, "²", "\u0661")] == [None] * 11
    assert [utc_moment(v) for v in ("2026-06-01T00:00:00", "x", None, 3, "0001-01-01T00:00:00+14:00")] == [None] * 5
