"""What one attempt at a call can bring: an answer with a final status, a passing failure, or an endpoint that is of no use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from openai import APIStatusError
from openai.types.chat import ChatCompletion

from liveeval_assets.shared.llm import Status

_TOO_MANY = 429
_BAD_REQUEST = 400
_USELESS = {401: "the key was refused", 403: "access was refused", 404: "the model or the address is unknown"}
_PASSING = {408, 409, 425, 429}
_SERVER_ERROR = 500
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Answer:
    """The end of a call: its status, the parsed value if it is ok, and what it used."""

    status: Status
    value: dict[str, Any] | None
    model: str
    tokens_in: int
    tokens_out: int


class AttemptFailed(Exception):
    """Root of what an attempt may raise; no message holds text of a prompt or a reply."""


class Ended(AttemptFailed):
    """A reply came, but no verdict is in it: refused, truncated or unreadable."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Passing(AttemptFailed):
    """Trying again may help; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class Rejected(AttemptFailed):
    """The endpoint does not take this request; others may pass."""


class Useless(AttemptFailed):
    """The endpoint cannot be used at all: no further call is made."""


class DuplicateKeyError(ValueError):
    """A JSON object says the same key twice; which value counts is anybody's guess."""


def ended(status: Status, completion: ChatCompletion, value: dict[str, Any] | None = None, prompt_characters: int = 0) -> Answer:
    """An answer with what the completion says it used; where usage is missing, lengths stand in."""
    usage = completion.usage
    text = raw_text(completion)
    return Answer(
        status=status,
        value=value,
        model=completion.model or "",
        tokens_in=max(0, usage.prompt_tokens or 0) if usage else prompt_characters // _CHARACTERS_PER_TOKEN,
        tokens_out=max(0, usage.completion_tokens or 0) if usage else len(text) // _CHARACTERS_PER_TOKEN,
    )


def inspect(completion: object, prompt_characters: int) -> ChatCompletion:
    """Look at a reply before anyone parses it.

    Raises:
        Passing: it is not a completion at all (a gateway's page, an empty object).
        Ended: refused, cut off, or not exactly one verdict.
    """
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise Passing("the reply is not a chat completion")
    choice = completion.choices[0]
    if choice.message is None:
        raise Passing("the reply has no message")
    if choice.finish_reason == "length":
        raise Ended(ended("truncated", completion, None, prompt_characters))
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise Ended(ended("refused", completion, None, prompt_characters))
    calls = choice.message.tool_calls or []
    if len(calls) > 1 or (not calls and choice.message.content is None):
        raise Ended(ended("parse_failed", completion, None, prompt_characters))
    return completion


def raw_text(completion: ChatCompletion) -> str:
    """What the model wrote: arguments of its tool call, else its text."""
    message = completion.choices[0].message
    calls = message.tool_calls or []
    text = getattr(getattr(calls[0], "function", None), "arguments", "") if calls else message.content
    return text if isinstance(text, str) else ""


def refuse_duplicate_keys(text: str) -> None:
    """Parsers let the last of two equal keys win; here neither does.

    Raises:
        DuplicateKeyError: an object of the first JSON value in `text` repeats a key.
    """
    start = text.find("{")
    if start < 0:
        return
    try:
        json.JSONDecoder(object_pairs_hook=_unique).raw_decode(text, start)
    except json.JSONDecodeError:
        return  # the real parser says so
    except RecursionError:
        raise DuplicateKeyError("nested too deep to tell") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateKeyError("a key is repeated")
    return found


def of_status(error: APIStatusError) -> AttemptFailed:
    """What an HTTP status means for the call; only codes are read, messages may echo the prompt or the key."""
    status, code = error.status_code, str(error.code or "")
    if status in _USELESS:
        return Useless(f"{_USELESS[status]} (HTTP {status})")
    if 300 <= status < _BAD_REQUEST:
        return Useless(f"it redirects elsewhere (HTTP {status}); give the final address as base_url")
    if code == "insufficient_quota":
        return Useless("the quota is used up")
    if status in _PASSING or status >= _SERVER_ERROR:
        return Passing(f"HTTP {status}", _wait(error))
    if status == _BAD_REQUEST and code == "content_filter":
        return Ended(Answer("refused", None, "", 0, 0))
    return Rejected(f"HTTP {status}")


def _wait(error: APIStatusError) -> float | None:
    """Seconds that the server asked to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
    headers = error.response.headers
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        given = headers.get("retry-after", "")
        if not given:
            return None
        if given.replace(".", "", 1).isdigit():
            return float(given)
        sent = parsedate_to_datetime(headers["date"]) if "date" in headers else None
        return max(0.0, (parsedate_to_datetime(given) - sent).total_seconds()) if sent else None
    except (ValueError, TypeError):
        return None
