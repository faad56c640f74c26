"""One attempt at one call: the openai client for the wire, instructor for the structure, nothing retried here."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import httpx2
import instructor
import openai
from instructor.core import InstructorRetryException
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from liveeval_assets.runtime.endpoints import Address
from liveeval_assets.runtime.replies import (
    Answer,
    AttemptFailed,
    DuplicateKeyError,
    Ended,
    Passing,
    ended,
    inspect,
    of_status,
    raw_text,
    refuse_duplicate_keys,
)
from liveeval_assets.runtime.transport import Transport
from liveeval_assets.settings import Model
from liveeval_assets.shared.hashing import keyed
from liveeval_assets.shared.llm import Request

_MODES = {
    "tools": instructor.Mode.TOOLS,
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "json": instructor.Mode.JSON,
    "text": instructor.Mode.MD_JSON,
}
_FENCE_KEY = b"liveeval fence"
_NONCE_LENGTH = 16

# their records hold prompts and what models wrote
for _name in ("instructor", "openai", "httpx", "httpx2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Client:
    """An endpoint as seen through openai and instructor."""

    def __init__(self, address: Address) -> None:
        http = httpx2.AsyncClient(transport=Transport(), trust_env=False, follow_redirects=False, timeout=None)  # the caller has a deadline
        self._openai = openai.AsyncOpenAI(base_url=address.base_url, api_key=address.api_key, http_client=http, max_retries=0)
        self._create: dict[str, Any] = {name: instructor.patch(create=self._send, mode=mode) for name, mode in _MODES.items()}

    async def attempt(self, model: Model, request: Request, call_id: str) -> Answer:
        """Make the call once.

        Raises:
            AttemptFailed: there is no usable reply; its class says whether to try again.
        """
        messages = messages_of(request, call_id)
        seen: list[ChatCompletion] = []
        schema = prepared(request.schema) if request.schema else None
        try:
            reply = await self._create[model.mode](
                model=model.model,
                messages=messages,
                temperature=model.temperature,
                max_tokens=model.max_tokens,
                response_model=schema,
                max_retries=0,
                seen=seen,
                is_structured=schema is not None,
            )
        except InstructorRetryException as error:
            raise _meaning(error.__cause__ or error, seen) from None
        except Exception as error:  # noqa: BLE001 - whatever a library raises on a hostile reply, its text may hold rows
            raise _meaning(error, seen) from None
        value = reply.model_dump(mode="json") if isinstance(reply, BaseModel) and schema else {"text": raw_text(seen[0])}
        return ended("ok", seen[0], value, _characters(messages))

    async def close(self) -> None:
        """Close the connections."""
        await self._openai.close()

    async def _send(self, *, model: str, messages: list[dict[str, str]], seen: list[ChatCompletion], is_structured: bool, **body: Any) -> ChatCompletion:
        """What instructor calls. The body goes out as it is: the client's own recursive transformation costs .4 ms per call."""
        reply = await self._openai.chat.completions.create(model=model, messages=[], extra_body={"messages": messages, **body})
        completion = inspect(reply, _characters(messages))
        seen.append(completion)
        if is_structured:
            refuse_duplicate_keys(raw_text(completion))
        return completion


@lru_cache(maxsize=64)
def prepared(schema: type[BaseModel]) -> type[BaseModel]:
    """The reply schema as instructor wants it, made once.

    Handed a plain model, instructor derives a new class and a new JSON schema on every call; a class that is already
    derived is taken as it is, and its schema is remembered.
    """
    derived = instructor.openai_schema(schema)
    remembered = derived.model_json_schema()
    derived.model_json_schema = lambda *_, **__: dict(remembered)  # type: ignore[method-assign]
    return derived


def messages_of(request: Request, call_id: str) -> list[dict[str, str]]:
    """Chat messages; outside replays `{nonce}` becomes the call's fence, which only the prompt's author could know."""
    system, prompt = request.system, request.prompt
    if request.role != "release":
        nonce = keyed(_FENCE_KEY, call_id)[:_NONCE_LENGTH]
        system, prompt = system.replace("{nonce}", nonce), prompt.replace("{nonce}", nonce)
    first = [{"role": "system", "content": system}] if system else []
    return [*first, *({"role": role, "content": text} for role, text in request.history), {"role": "user", "content": prompt}]


def _characters(messages: list[dict[str, str]]) -> int:
    return sum(len(m["content"]) for m in messages)


def _meaning(error: BaseException, seen: list[ChatCompletion]) -> AttemptFailed:
    """What an exception of a library means; its text is dropped."""
    if isinstance(error, AttemptFailed):
        return error
    if isinstance(error, openai.APIStatusError):
        return of_status(error)
    if seen:
        # a completion came, but no valid verdict was in it
        return Ended(ended("parse_failed", seen[0]))
    if isinstance(error, DuplicateKeyError):
        return Passing("unreadable reply")
    return Passing("no connection" if isinstance(error, openai.APIConnectionError) else type(error).__name__)
