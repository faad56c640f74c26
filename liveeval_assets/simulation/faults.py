"""Faults on demand, for tests: a suffix of the model name makes the server misbehave (`naive-judge#429-once`)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import orjson
from starlette.responses import Response

from liveeval_assets.simulation import wire

_JSON = "application/json"
_HANG_SECONDS = 3600.0
SUFFIXES = ("429-once", "500-once", "hang", "garbage", "truncated", "html", "empty")


@dataclass
class Faults:
    """Remembers which requests have had their one failure."""

    _seen: set[tuple[str, str]] = field(default_factory=set)

    async def strike(self, ask: wire.Ask, suffix: str) -> Response | None:
        """The faulty response, or None if the request is to be answered now.

        Raises:
            BadRequestError: the suffix names no fault.
        """
        if suffix not in SUFFIXES:
            raise wire.BadRequestError(f"The model `{ask.model}#{suffix}` does not exist", status=404, code="model_not_found")
        if suffix == "hang":
            await asyncio.sleep(_HANG_SECONDS)
        if suffix.endswith("-once"):
            return self._once(ask, suffix)
        if suffix == "html":
            return Response("<html><body>gateway</body></html>", media_type="text/html")
        if suffix == "empty":
            return Response(orjson.dumps({"object": "chat.completion", "model": ask.model, "choices": []}), media_type=_JSON)
        if suffix == "garbage":
            # no schema is fitted, and in text mode too nothing can be parsed
            return Response(wire.completion(replace(ask, schema={}), {"verdict": "maybe", "winner": 7}), media_type=_JSON)
        whole = orjson.loads(wire.completion(replace(ask, mode="text"), '{"reason": "it is'))
        whole["choices"][0]["finish_reason"] = "length"
        return Response(orjson.dumps(whole), media_type=_JSON)

    def _once(self, ask: wire.Ask, suffix: str) -> Response | None:
        key = (suffix, ask.text)
        if key in self._seen:
            return None
        self._seen.add(key)
        if suffix == "429-once":
            body = wire.error("slow down", "rate_limit_exceeded", "rate_limit_error")
            return Response(body, 429, headers={"retry-after": "0"}, media_type=_JSON)
        return Response(wire.error("the server had an error", "internal_error", "server_error"), 500, media_type=_JSON)
