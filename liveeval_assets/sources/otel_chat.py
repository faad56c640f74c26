"""Where OpenTelemetry attributes hold a chat: the GenAI conventions, OpenInference, OpenLLMetry, Vercel AI SDK, Google ADK, Langfuse.

Sources: open-telemetry/semantic-conventions, gen-ai; Arize-ai/openinference, spec/semantic_conventions.md;
traceloop/openllmetry; vercel/ai, telemetry; google/adk-python, telemetry; langfuse.com/docs, OpenTelemetry attributes.
"""

from __future__ import annotations

from typing import Any

from liveeval_assets.sources.chat import messages_of, unwrapped
from liveeval_assets.sources.chat_message import Message, Role, first_of
from liveeval_assets.sources.chat_parts import text_of
from liveeval_assets.sources.indexed import unflattened
from liveeval_assets.sources.spans import as_text

INPUTS = ("input.value", "traceloop.entity.input", "langfuse.observation.input")
OUTPUTS = ("output.value", "traceloop.entity.output", "langfuse.observation.output")
_GIVEN = ("gen_ai.input.messages", "ai.prompt.messages", "gen_ai.prompt", "ai.prompt", "gcp.vertex.agent.llm_request", "langfuse.observation.input")
_PRODUCED = ("gen_ai.output.messages", "gen_ai.completion", "gcp.vertex.agent.llm_response", "langfuse.observation.output")
_FLAT = {
    "user": ("llm.input_messages", "gen_ai.prompt", "llm.prompts"),
    "assistant": ("llm.output_messages", "gen_ai.completion", "llm.completions"),
}
_TOOL = {
    "tool_name": ("gen_ai.tool.name", "tool.name", "tool_call.function.name", "ai.toolCall.name"),
    "tool_call_id": ("gen_ai.tool.call.id", "tool_call.id", "tool.id", "ai.toolCall.id"),
    "tool_arguments": ("gen_ai.tool.call.arguments", "tool_call.function.arguments", "ai.toolCall.args", "gcp.vertex.agent.tool_call_args", *INPUTS),
    "tool_result": ("gen_ai.tool.call.result", "ai.toolCall.result", "gcp.vertex.agent.tool_response", *OUTPUTS),
}


def given_messages(attributes: dict[str, Any], *, is_model: bool) -> list[Message]:
    """What was given: instructions, then messages.

    Args:
        is_model: whether a model was asked; to whom else a plain text was said by whom is not known.
    """
    instructions = text_of(_parsed(attributes.get("gen_ai.system_instructions")))
    found = _messages(attributes, _GIVEN, "user", is_model=is_model)
    return [*([Message("system", instructions)] if instructions else []), *found]


def produced_messages(attributes: dict[str, Any], *, is_model: bool) -> list[Message]:
    """What was produced."""
    found = _messages(attributes, _PRODUCED, "assistant", is_model=is_model)
    if found:
        return found
    answer = {"content": attributes.get("ai.response.text"), "toolCalls": _parsed(attributes.get("ai.response.toolCalls"))}
    return messages_of({"role": "assistant", **answer}, "assistant") if any(answer.values()) else []


def tool_fields(attributes: dict[str, Any]) -> dict[str, str | None]:
    """Name, call, arguments and result of a tool's span."""
    return {name: as_text(first_of(attributes, *keys)) for name, keys in _TOOL.items()}


def _messages(attributes: dict[str, Any], keys: tuple[str, ...], role: Role, *, is_model: bool) -> list[Message]:
    for key in keys:
        found = messages_of(attributes.get(key), role if is_model else None)
        if found:
            return found
    for prefix in _FLAT[role]:
        listed = [_inner(item) for item in unflattened(attributes, prefix)]
        if listed:
            return messages_of(listed, role)
    return []


def _inner(item: Any) -> Any:
    """A flattened message, its calls and its parts without the word that OpenInference puts around each."""
    if not isinstance(item, dict):
        return {"role": "user", "content": item}
    bare = item.get("message", item)
    if not isinstance(bare, dict):
        return item
    parts = [part.get("message_content", part) for part in bare.get("contents") or [] if isinstance(part, dict)]
    calls = [call.get("tool_call", call) for call in bare.get("tool_calls") or [] if isinstance(call, dict)]
    return {**bare, **({"content": parts} if parts else {}), **({"tool_calls": calls} if calls else {})}


def _parsed(value: Any) -> Any:
    return unwrapped(value) if isinstance(value, str) else value
