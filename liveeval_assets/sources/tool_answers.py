"""Answers of tools that no model's history repeats, such as those of a last turn, put after the calls that they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from liveeval_assets.sources.chat import unwrapped
from liveeval_assets.sources.chat_message import Message, ToolCall, json_text
from liveeval_assets.sources.same_message import is_same_call
from liveeval_assets.sources.spans import Span


def with_answers(messages: Sequence[Message], tools: Sequence[Span]) -> list[Message]:
    """Messages with an answer after every call that has none and whose tool's span is known.

    A span belongs to a call by its id; without one by name and arguments; by the name alone where nothing else could be meant.
    """
    found = list(messages)
    waiting = [span for span in tools if span.tool_result is not None]
    for at in range(len(found) - 1, -1, -1):
        answers = []
        for call in _unanswered(found, at):
            span = _answering(call, waiting, sum(c.name == call.name for c in found[at].tool_calls))
            if span is not None:
                waiting.remove(span)
                answers.append(Message("tool", span.tool_result or "", (), call.id))
        place = next((i for i in range(at + 1, len(found)) if found[i].role != "tool"), len(found))
        found[place:place] = answers
    return found


def _unanswered(messages: Sequence[Message], at: int) -> Iterator[ToolCall]:
    """Calls of a message that nothing before the next message with calls answers; an answer without an id answers the first call."""
    calls = list(messages[at].tool_calls)
    for message in messages[at + 1 :] if calls else ():
        if message.role == "user" or (message.role == "assistant" and any(c.id in {x.id for x in calls} for c in message.tool_calls)):
            break
        if message.role == "tool":
            answered = next((c for c in calls if message.tool_call_id in (None, c.id) or c.id is None), None)
            if answered is not None:
                calls.remove(answered)
    yield from calls


def _answering(call: ToolCall, waiting: Sequence[Span], n_named: int) -> Span | None:
    """The newest span that answers a call, as calls are gone through from the last to the first."""
    named = [span for span in waiting if span.tool_name == call.name]
    by_id = [span for span in waiting if call.id is not None and span.tool_call_id == call.id]
    loose = [span for span in named if span.tool_call_id is None]
    alike = [span for span in loose if any(is_same_call(call, ToolCall(None, call.name, text)) for text in _arguments(span))]
    found = by_id or alike or (loose if n_named == len(loose) == 1 else [])
    return found[-1] if found else None


def _arguments(span: Span) -> Iterator[str]:
    """A span's arguments, and those inside where all of them stand under `input`."""
    text = span.tool_arguments or "{}"
    yield text
    inner = unwrapped(text)
    if isinstance(inner, dict) and set(inner) == {"input"}:
        yield json_text(inner["input"])
