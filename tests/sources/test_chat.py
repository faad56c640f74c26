"""Chats: every wire's shape becomes messages in four roles; what is none becomes none."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.sources.chat import messages_of
from liveeval_assets.sources.chat_message import Message, Role, ToolCall

CALL = ToolCall("c1", "look_up", '{"city":"Graz"}')
ASKED = Message("user", "Weather in Graz?")
CALLED = Message("assistant", "", (CALL,))
ANSWERED = Message("tool", "rain", (), "c1")
SAID = Message("assistant", "It rains.")


def _user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


GIVEN = {
    "a text": "Weather in Graz?",
    "a message": _user("Weather in Graz?"),
    "a list": [_user("Weather in Graz?")],
    "an object of messages": {"messages": [_user("Weather in Graz?")], "model": "m"},
    "JSON as a text": json.dumps([_user("Weather in Graz?")]),
    "JSON inside JSON": json.dumps(json.dumps({"messages": [_user("Weather in Graz?")]})),
    "a batch of lists": {"messages": [[{"type": "human", "content": "Weather in Graz?"}]]},
    "parts of a content": [_user([{"type": "text", "text": "Weather in Graz?"}])],
    "parts alone": [{"type": "input_text", "text": "Weather in Graz?"}],
    "Responses input": {"model": "m", "input": "Weather in Graz?"},
    "Gemini contents": {"contents": [{"role": "user", "parts": [{"text": "Weather in Graz?"}]}]},
    "Gemini contents as a text": {"contents": "Weather in Graz?"},
    "Gemini content alone": {"parts": [{"text": "Weather in Graz?"}], "role": "user"},
    "a message inside": {"user_id": "u", "new_message": {"parts": [{"text": "Weather in Graz?"}], "role": "user"}},
    "LangChain type": {"messages": [{"type": "human", "content": "Weather in Graz?", "id": None}]},
    "LangChain data": [{"type": "human", "data": {"content": "Weather in Graz?"}}],
    "LangChain constructor": [
        {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "Weather in Graz?"}}
    ],
    "LangChain prompts": {"prompts": ["Weather in Graz?"]},
    "a prompt": {"prompt": "Weather in Graz?"},
    "pydantic-ai request": [{"kind": "request", "parts": [{"part_kind": "user-prompt", "content": "Weather in Graz?"}]}],
    "OpenTelemetry parts": [{"role": "user", "parts": [{"type": "text", "content": "Weather in Graz?"}]}],
    "blocks": [{"role": "user", "blocks": [{"block_type": "text", "text": "Weather in Graz?"}]}],
    "a text beside the role": [{"role": "user", "text": "Weather in Graz?"}],
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_question_is_found_in_every_shape(name: str) -> None:
    assert messages_of(GIVEN[name], "user") == [ASKED]


FUNCTION = {"name": "look_up", "arguments": '{"city":"Graz"}'}
PRODUCED = {
    "OpenAI chat": {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": FUNCTION}]}}]},
    "OpenAI Responses": {"object": "response", "instructions": "Be brief.", "output": [{"type": "function_call", "id": "f", "call_id": "c1", **FUNCTION}]},
    "Anthropic": {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look_up", "input": {"city": "Graz"}}]},
    "Anthropic content alone": [{"type": "tool_use", "id": "c1", "name": "look_up", "input": {"city": "Graz"}}],
    "LangChain": {"type": "ai", "content": "", "tool_calls": [{"name": "look_up", "args": {"city": "Graz"}, "id": "c1", "type": "tool_call"}]},
    "LangChain extras": {"role": "assistant", "content": "", "additional_kwargs": {"tool_calls": [{"id": "c1", "function": FUNCTION}]}},
    "LangChain generations": {
        "generations": [[{"text": "", "message": {"id": ["m", "AIMessage"], "kwargs": {"content": "", "tool_calls": [{"id": "c1", **FUNCTION}]}}}]]
    },
    "Vercel calls": [{"toolCallId": "c1", "toolName": "look_up", "input": '{"city":"Graz"}'}],
    "Vercel parts": {"role": "assistant", "content": [{"type": "tool-call", "toolCallId": "c1", "toolName": "look_up", "args": {"city": "Graz"}}]},
    "pydantic-ai": {"kind": "response", "parts": [{"part_kind": "tool-call", "tool_name": "look_up", "args": {"city": "Graz"}, "tool_call_id": "c1"}]},
    "OpenTelemetry": [{"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look_up", "arguments": {"city": "Graz"}}]}],
    "calls as a text": [{"role": "assistant", "content": json.dumps([{"id": "c1", "type": "function", "function": FUNCTION}])}],
    "calls as a text in role tool": [{"role": "tool", "content": json.dumps([{"id": "c1", "function": FUNCTION}])}],
}


@pytest.mark.parametrize("name", PRODUCED)
def test_a_call_is_found_in_every_shape(name: str) -> None:
    assert messages_of(PRODUCED[name], "assistant") == [CALLED]


def test_a_gemini_call_has_no_id_and_its_answer_is_the_tools_though_the_wire_says_user() -> None:
    call, answer = {"function_call": {"name": "look_up", "args": {"city": "Graz"}}}, {"functionResponse": {"name": "look_up", "response": {"sky": "rain"}}}
    found = messages_of({"contents": [{"role": "model", "parts": [call]}, {"role": "user", "parts": [answer]}]}, "user")
    assert found == [Message("assistant", "", (ToolCall(None, "look_up", '{"city":"Graz"}'),)), Message("tool", '{"sky":"rain"}')]


ANSWERS = {
    "OpenAI chat": {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    "OpenAI Responses": {"type": "function_call_output", "call_id": "c1", "output": "rain"},
    "Anthropic": _user([{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "rain"}]}]),
    "LangChain": {"type": "tool", "content": "rain", "tool_call_id": "c1", "name": "look_up"},
    "LangChain constructor": {"id": ["x", "ToolMessage"], "kwargs": {"content": "rain", "tool_call_id": "c1"}},
    "Vercel": {"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c1", "toolName": "look_up", "output": {"type": "text", "value": "rain"}}]},
    "pydantic-ai": {"kind": "request", "parts": [{"part_kind": "tool-return", "tool_name": "look_up", "content": "rain", "tool_call_id": "c1"}]},
    "OpenTelemetry": {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rain"}]},
    "OpenTelemetry in role user": {"role": "user", "parts": [{"type": "tool_call_response", "id": "c1", "result": "rain"}]},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_tools_answer_is_found_in_every_shape(name: str) -> None:
    assert messages_of([ANSWERS[name]], "user") == [ANSWERED]


SPOKEN = {
    "a text": "It rains.",
    "OpenAI chat": {"choices": [{"index": 0, "message": {"role": "assistant", "content": "It rains."}}]},
    "OpenAI Responses": {
        "output": [{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It rains."}]}]
    },
    "an event": {"index": 0, "message": {"role": "assistant", "content": "It rains."}, "event.name": "gen_ai.choice"},
    "Gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": "It rains."}]}, "finish_reason": "STOP"}]},
    "Gemini event": {"content": {"role": "model", "parts": [{"text": "It rains."}]}, "author": "agent"},
    "Anthropic with its thoughts": {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "It rains."}]},
    "OpenTelemetry with its thoughts": [{"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "It rains."}]}],
    "Gemini with its thoughts": {"parts": [{"text": "Hm.", "thought": True}, {"text": "It rains."}]},
    "a completion": {"completion": "It rains."},
    "a content without a role": {"content": "It rains.", "finish_reason": "stop"},
    "a refusal": {"role": "assistant", "content": None, "refusal": "It rains."},
}


@pytest.mark.parametrize("name", SPOKEN)
def test_an_answer_is_found_in_every_shape(name: str) -> None:
    assert messages_of(SPOKEN[name], "assistant") == [SAID]


@pytest.mark.parametrize(
    "value",
    [
        {"system": "Be brief.", "messages": [_user("Weather in Graz?")]},
        {"system": [{"type": "text", "text": "Be brief."}], "messages": [_user("Weather in Graz?")]},
        {"system": "Be brief.", "prompt": "Weather in Graz?"},
        {"instructions": "Be brief.", "input": [_user("Weather in Graz?")]},
        {"config": {"system_instruction": "Be brief."}, "contents": "Weather in Graz?"},
        {"systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": "Weather in Graz?"},
        [{"role": "developer", "content": "Be brief."}, _user("Weather in Graz?")],
        [{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "Be brief."}, {"part_kind": "user-prompt", "content": "Weather in Graz?"}]}],
    ],
)
def test_instructions_beside_the_messages_come_first(value: Any) -> None:
    assert messages_of(value, "user") == [Message("system", "Be brief."), ASKED]


@pytest.mark.parametrize(
    ("part", "mark"),
    [
        ({"type": "image_url", "image_url": {"url": "data:..."}}, "[image]"),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}}, "[image]"),
        ({"type": "input_audio", "input_audio": {}}, "[audio]"),
        ({"inline_data": {"mime_type": "image/png", "data": ""}}, "[image]"),
        ({"fileData": {"mimeType": "application/pdf"}}, "[file]"),
        ({"type": "blob", "modality": "video", "mime_type": "video/mp4", "content": ""}, "[video]"),
        ({"type": "file", "mediaType": "image/png", "data": ""}, "[image]"),
        ({"type": "hologram"}, "[hologram]"),
    ],
)
def test_a_part_that_is_no_text_leaves_its_mark(part: dict[str, Any], mark: str) -> None:
    assert messages_of([_user([{"type": "text", "text": "See:"}, part])], "user") == [Message("user", f"See:\n{mark}")]


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        True,
        [],
        {},
        {"city": "Graz"},
        [{"title": "t", "href": "h"}],
        {"content": "role"},
        {"messages": []},
        {"messages": ""},
        {"role": "judge", "content": "x"},
        [1, 2],
        "",
    ],
)
def test_what_is_no_message_given_becomes_none(value: Any) -> None:
    assert messages_of(value, "user") == []


def test_without_a_default_only_what_says_who_speaks_is_a_message() -> None:
    assert messages_of("hello", None) == []
    assert messages_of({"content": "hello"}, None) == []
    assert messages_of([{"type": "text", "text": "hello"}], None) == []
    assert messages_of([_user("hello")], None) == [Message("user", "hello")]


def test_the_content_of_a_message_is_never_read_as_more_than_text() -> None:
    text = json.dumps([{"role": "assistant", "content": "I am the assistant."}])
    calls = json.dumps([{"id": "c1", "function": FUNCTION}])
    assert messages_of([_user(text), _user(calls)], "user") == [Message("user", text), Message("user", calls)]
    assert messages_of([{"role": "tool", "tool_call_id": "c0", "content": calls}], "user") == [Message("tool", calls, (), "c0")]


def test_a_tools_definition_among_the_messages_is_no_message() -> None:
    tool = {"role": "tool", "content": {"type": "function", "function": {"name": "look_up", "description": "d", "parameters": {}}}}
    assert messages_of([_user("Weather in Graz?"), tool], "user") == [ASKED]


def test_a_role_that_names_a_tool_that_was_called_is_the_tools() -> None:
    listed = [PRODUCED["LangChain extras"], {"role": "look_up", "content": "rain"}, {"role": "other", "content": "x"}]
    assert messages_of(listed, "user") == [CALLED, Message("tool", "rain")]


def test_answers_and_text_in_one_message_are_told_apart_in_their_order() -> None:
    mixed = _user([{"type": "tool_result", "tool_use_id": "c1", "content": "rain"}, {"type": "text", "text": "And Linz?"}])
    assert messages_of([mixed], "user") == [ANSWERED, Message("user", "And Linz?")]
    built_in = {"id": "c1", "type": "server_tool_call", "name": "look_up", "server_tool_call": {"city": "Graz"}}
    answer = {"id": "c1", "type": "server_tool_call_response", "server_tool_call_response": "rain"}
    whole = [{"role": "assistant", "parts": [built_in, answer, {"type": "text", "content": "It rains."}]}]
    assert messages_of(whole, "assistant") == [CALLED, ANSWERED, SAID]


def test_all_choices_arrive() -> None:
    choices = [{"message": {"role": "assistant", "content": text}} for text in ("one", "two")]
    assert [m.text for m in messages_of({"choices": choices}, "assistant")] == ["one", "two"]


def test_an_empty_answer_is_an_answer() -> None:
    assert messages_of({"role": "assistant", "content": ""}, "assistant") == [Message("assistant")]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        '{"messages": [{"role": "user", "content": "\\ud800"}]}',
        '{"messages": 1, "messages": 2}',
        '{"n": ' + "9" * 5000 + "}",
        '{"messages": [NaN]}',
        '{"answer": 2}',
    ],
)
def test_a_text_that_holds_no_chat_that_can_be_trusted_stays_a_text(text: str) -> None:
    assert messages_of(text, "assistant") == [Message("assistant", text)]


KEYS = re.findall(
    r"\w+",
    "role content type parts text messages message kwargs id tool_calls function name output toolCallId toolName function_call functionResponse kind result "
    "input system contents call_id data thought additional_kwargs choices",
)
WORDS = ["user", "tool", "human", "ai", "text", "tool_result", "function_call", "request", "reasoning", "image"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner | st.sampled_from(WORDS), max_size=4),
    max_leaves=25,
)


@given(JSON, st.sampled_from(["user", "assistant", "tool", None]))
def test_any_value_becomes_messages_that_can_be_stored(value: Any, default: Role | None) -> None:
    for found in (messages_of(value, default), messages_of(json.dumps(value), default)):
        for message in found:
            assert message.role in ("system", "user", "assistant", "tool")
            assert isinstance(message.text, str)
            assert message.tool_call_id is None or message.role == "tool"
            assert all(isinstance(c.arguments, str) and c.name and (c.id is None or isinstance(c.id, str)) for c in message.tool_calls)


def test_a_role_that_is_no_text_is_no_role() -> None:
    assert messages_of([{"kind": "request", "role": [], "parts": [{"part_kind": "user-prompt", "content": "Weather in Graz?"}]}], "user") == [ASKED]


ROLE = st.sampled_from(["system", "user", "assistant"])


@given(st.lists(st.tuples(ROLE, st.text(min_size=1, max_size=20).filter(lambda t: t[0] not in "[{")), min_size=1, max_size=5))
def test_every_message_of_a_plain_chat_arrives_as_it_is_whatever_wraps_it(chat: list[tuple[str, str]]) -> None:
    plain = [{"role": role, "content": text} for role, text in chat]
    parts = [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in chat]
    for value in (plain, parts, {"messages": plain}, json.dumps(plain), json.dumps(json.dumps(parts))):
        assert [(m.role, m.text) for m in messages_of(value, "user")] == chat
