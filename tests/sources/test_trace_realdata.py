"""Real exports: the normalised chats that Langfuse expects of twenty frameworks, LangSmith's batches, OpenTelemetry's examples."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liveeval_assets.sources.chat import messages_of
from liveeval_assets.sources.chat_message import Message, Role
from liveeval_assets.sources.fold import Conversation, conversations
from liveeval_assets.sources.langfuse import langfuse_spans
from liveeval_assets.sources.langfuse_scores import langfuse_scores, user_scores
from liveeval_assets.sources.langsmith import langsmith_spans
from liveeval_assets.sources.otlp import otlp_spans
from liveeval_assets.sources.spans import Span
from tests.examples.data import real_data
from tests.sources.otlp_build import document, log_document

pytestmark = pytest.mark.realdata

N_SIDES = 92
N_MESSAGES = 76
# a wire's own word for a role, where it is none of the four; the last is a tool's name, on the answer of that tool
ROLES = {"model": "assistant", "get_weather": "tool"}
# two files whose expected chat keeps what the wire wrote in the wrong role: we say who really spoke
TOOL_ANSWERS_AS_USER = [("google-adk-2025-08-28", '{"greeting":"Hello Langfuse 👋"}')]
CALLS_AS_TEXT = "koog-2025-08-26"

Call = tuple[str | None, str, Any]
Expected = tuple[str | None, Any, list[Call], str | None]


def _load(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def _files() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    folder = real_data("traces") / "langfuse"
    names = sorted(p.name.removesuffix(".trace.json.gz") for p in folder.glob("*.trace.json.gz"))
    return [(name, _load(folder / f"{name}.trace.json.gz"), _load(folder / f"{name}.chatml.json.gz")) for name in names]


def _value(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _expected(name: str, message: dict[str, Any]) -> Expected:
    """Role, text, calls and answered call of one expected message."""
    content = message.get("content")
    calls: list[Call] = [(c["id"] or None, c["name"], _value(c["arguments"])) for c in message.get("tool_calls") or []]
    role = message.get("role")
    role = ROLES.get(str(role), role)
    if (name, content) in TOOL_ANSWERS_AS_USER:
        role = "tool"
    if name == CALLS_AS_TEXT and isinstance(content, str) and content.startswith("[{"):
        calls = [(c["id"], c["function"]["name"], _value(c["function"]["arguments"])) for c in json.loads(content)]
        role, content = "assistant", ""
    if content is None:
        # the expected chat keeps a text that stood under another name beside the message
        content = (message.get("json") or {}).get("text", "")
    if isinstance(content, list) and all("type" in part for part in content):
        calls += [(p["id"], p["name"], p["input"]) for p in content if p["type"] == "tool_use"]
        content = "\n".join(p["text"] for p in content if p["type"] == "text")
    return role, content, calls, message.get("tool_call_id")


def _agrees(message: Message, expected: Expected) -> bool:
    role, content, calls, answered = expected
    return (
        role in (None, message.role)
        and (message.text == content or _value(message.text) == content)
        and [(c.id, c.name, _value(c.arguments)) for c in message.tool_calls] == calls
        and answered in (None, message.tool_call_id)
    )


def _sides() -> Iterator[tuple[str, str, Any, Role, list[Expected]]]:
    """(file, where, raw value, who speaks by default, expected) of every side whose expected chat holds any message."""
    for name, trace, chats in _files():
        for observation in trace["observations"]:
            for side, chat in chats.get(observation["id"], {}).items():
                if chat["success"] and any("role" in m or "content" in m for m in chat["data"]):
                    default: Role = "user" if side == "input" else "tool" if observation["type"] == "TOOL" else "assistant"
                    expected = [_expected(name, m) for m in chat["data"]]
                    yield name, f"{observation['id']}.{side}", _value(observation[side]), default, expected


def test_every_side_becomes_the_chat_that_is_expected() -> None:
    n, wrong = 0, []
    for name, where, value, default, expected in _sides():
        n += 1
        found = messages_of(value, default)
        if len(found) != len(expected) or not all(map(_agrees, found, expected)):
            wrong.append((name, where))
    assert (n, wrong) == (N_SIDES, [])


def _folded(trace: dict[str, Any]) -> Conversation:
    found = conversations(langfuse_spans(trace))
    assert len(found) == 1
    return found[0]


def _is_part(side: list[Expected], messages: tuple[Message, ...]) -> bool:
    """Whether the side's messages stand in the conversation in their order."""
    rest = iter(messages)
    return all(any(_agrees(m, e) for m in rest) for e in side)


def test_every_expected_message_stands_once_and_in_order_in_its_conversation() -> None:
    n, wrong = 0, []
    folded = {name: _folded(trace).messages for name, trace, _ in _files()}
    seen: dict[str, list[Expected]] = {name: [] for name in folded}
    for name, where, _, _, side in _sides():
        if not _is_part(side, folded[name]):
            wrong.append((name, where))
        seen[name] += [e for e in side if e not in seen[name]]
    for name, expected in seen.items():
        places = {next((i for i, m in enumerate(folded[name]) if _agrees(m, e)), None) for e in expected}
        wrong += [(name, str(e)) for e in expected if sum(_agrees(m, e) for m in folded[name]) != 1]
        n += len(places)
    assert (n, wrong) == (N_MESSAGES, [])


def test_no_conversation_says_anything_twice_and_each_has_a_user_and_an_answer() -> None:
    for name, trace, _ in _files():
        messages = _folded(trace).messages
        assert len(set(messages)) == len(messages), name
        roles = [m.role for m in messages]
        assert "user" in roles, name
        assert "assistant" in roles[roles.index("user") :], name


def test_conversations_have_the_session_the_user_and_the_version_of_their_trace() -> None:
    for name, trace, _ in _files():
        told, found = trace["trace"], _folded(trace)
        assert (found.id, found.user) == (told["sessionId"] or told["id"], told["userId"]), name
        assert found.release == (told["release"] or told["version"]), name
        assert found.started_at is not None, name
        assert found.ended_at is not None, name
        assert found.started_at <= found.ended_at, name


def test_scores_come_with_their_origin() -> None:
    found = [score for _, trace, _ in _files() for score in langfuse_scores(trace)]
    raw = [score for _, trace, _ in _files() for score in trace["trace"]["scores"]]
    assert [(s.name, s.value, s.trace_id) for s in found] == [(s["name"], float(s["value"]), s["traceId"]) for s in raw]
    assert {s.origin for s in found} == {"eval"}
    assert user_scores(found) == []


def test_each_langsmith_batch_is_one_run_with_its_question_and_answer() -> None:
    paths = sorted((real_data("traces") / "langsmith").glob("*.json"))
    assert len(paths) == 8
    for path in paths:
        batch = json.loads(path.read_text())
        (span,) = langsmith_spans([batch])
        asked, answered = batch["post"][0]["inputs"], batch["patch"][0]["outputs"]
        assert [(m.role, m.text) for m in span.given] == [(m["role"], m["content"]) for m in asked["messages"]], path.name
        assert [(m.role, m.text) for m in span.produced] == [("assistant", answered["choices"][0]["message"]["content"])], path.name
        assert (span.span_id, span.trace_id, span.kind, span.model) == (batch["post"][0]["id"], batch["post"][0]["trace_id"], "generation", asked["model"])
        assert span.started_at is not None, path.name
        assert span.ended_at is not None, path.name
        assert datetime(2024, 10, 1, tzinfo=UTC) < span.started_at < span.ended_at < datetime(2024, 11, 1, tzinfo=UTC), path.name


def _examples() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((real_data("traces") / "otel_genai/examples_parsed.json").read_text())
    assert len(found) == 14
    return [example["properties"] for example in found]


def _told(message: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """(role, text or name of a call, id) of every part that is said, asked or answered."""
    found = []
    for part in message["parts"]:
        if part["type"] == "text":
            found.append((message["role"], part["content"], None))
        elif part["type"] in ("tool_call", "server_tool_call"):
            found.append((message["role"], part["name"], part["id"]))
        elif part["type"] != "reasoning":
            answer = part.get("response", part.get("server_tool_call_response"))
            found.append(("tool", answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":")), part["id"]))
    return found


def _heard(messages: tuple[Message, ...]) -> list[tuple[str, str, str | None]]:
    found: list[tuple[str, str, str | None]] = []
    for m in messages:
        if m.text or not m.tool_calls:
            found.append((m.role, m.text, m.tool_call_id))
        found += [(m.role, call.name, call.id) for call in m.tool_calls]
    return found


@pytest.mark.parametrize("form", ["text", "structured", "event", "log"])
def test_every_message_and_call_of_opentelemetrys_examples_arrives(form: str) -> None:
    n = 0
    for properties in _examples():
        attributes = {key: value for key, value in properties.items() if key.startswith("gen_ai.")}
        span = _through(form, properties.get("Span name", ""), attributes)
        instructions = [("system", part["content"], None) for part in attributes.get("gen_ai.system_instructions", [])]
        for side, key in ((span.given, "gen_ai.input.messages"), (span.produced, "gen_ai.output.messages")):
            expected = [told for message in attributes.get(key, []) for told in _told(message)]
            expected = [*(instructions if key == "gen_ai.input.messages" else []), *expected]
            assert _heard(side) == expected
            n += len(expected)
        assert (span.tool_name, span.tool_call_id) == (attributes.get("gen_ai.tool.name"), attributes.get("gen_ai.tool.call.id"))
        assert span.kind == ("tool" if "gen_ai.tool.name" in attributes else "generation")
    assert n == 28


def _through(form: str, name: str, attributes: dict[str, Any]) -> Span:
    """The span of an example, its chat written as JSON texts, as structured values, as a span event or as a log event."""
    kept = {k: v for k, v in attributes.items() if "messages" not in k and "instructions" not in k}
    chat = {k: json.dumps(v) for k, v in attributes.items() if k not in kept}
    details = "gen_ai.client.inference.operation.details"
    if form == "text":
        documents = [document(name, {**kept, **chat})]
    elif form == "structured":
        documents = [document(name, attributes)]
    elif form == "event":
        documents = [document(name, kept, events=[(details, chat)])]
    else:
        documents = [log_document(details, chat), document(name, kept)]
    (span,) = otlp_spans(documents)
    return span


def test_the_protocols_own_documents_are_read() -> None:
    folder = real_data("traces") / "otel_genai"
    (span,) = otlp_spans([json.loads((folder / f"otlp_{signal}_example.json").read_text()) for signal in ("trace", "logs")])
    assert (span.trace_id, span.span_id, span.parent_id) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173")
    assert (span.started_at, span.ended_at) == (datetime(2018, 12, 13, 14, 51, tzinfo=UTC), datetime(2018, 12, 13, 14, 51, 1, tzinfo=UTC))
    assert (span.attributes["service.name"], span.attributes["my.span.attr"], span.kind) == ("my.service", "some value", "other")
