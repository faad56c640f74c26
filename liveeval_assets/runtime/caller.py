"""Calls to one endpoint: bounded concurrency, retries within a total deadline, and a breaker for an endpoint of no use."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from liveeval_assets.runtime.client import Client
from liveeval_assets.runtime.replies import Answer, Ended, Passing, Rejected, Useless
from liveeval_assets.settings import Endpoint, Model
from liveeval_assets.shared.errors import ProviderError
from liveeval_assets.shared.llm import Request

_PARSE_TRIES = 2
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 20.0
_LEAST_FAILURES_IN_A_ROW = 10
_UNFINISHED = Answer("api_error", None, "", 0, 0)


@dataclass(frozen=True)
class Bought:
    """A call that came to its end: finished, or given up (`api_error`). Tokens are those of every attempt that was answered."""

    request: Request
    call_id: str
    answer: Answer
    attempts: int
    seconds: float


class Caller:
    """Buys calls from one endpoint."""

    def __init__(self, name: str, endpoint: Endpoint, client: Client, models: dict[str, Model]) -> None:
        self._name, self._endpoint, self._client, self._models = name, endpoint, client, models
        self._proven: set[str] = set()
        self._failures_in_a_row = 0
        self._last_cause = "no answer before the deadline"
        self._not_before = 0.0

    async def buy_all(self, wanted: Iterable[tuple[str, Request]], take: Callable[[Bought], None]) -> None:
        """Buy calls and hand each to `take` the moment it ends.

        A model that has not answered yet gets a single first call, so that a wrong key or name costs one.

        Raises:
            ProviderError: the endpoint is of no use; what was finished has been taken.
        """
        rest, firsts = [], {}
        for call_id, request in wanted:
            if request.model in self._proven or request.model in firsts:
                rest.append((call_id, request))
            else:
                firsts[request.model] = (call_id, request)
        for call_id, request in firsts.values():
            take(await self._buy(call_id, request))
        queue = iter(rest)

        async def worker() -> None:
            for call_id, request in queue:
                take(await self._buy(call_id, request))

        workers = [asyncio.create_task(worker()) for _ in range(min(self._endpoint.concurrency, len(rest)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _buy(self, call_id: str, request: Request) -> Bought:
        started, attempts = time.monotonic(), 0
        answer, tokens_in, tokens_out = _UNFINISHED, 0, 0
        try:
            async with asyncio.timeout(self._endpoint.deadline_seconds) as limit:
                while attempts < self._endpoint.max_attempts:
                    await self._hold(limit)
                    attempts += 1
                    try:
                        answer = await self._client.attempt(self._models[request.model], request, call_id)
                        break
                    except Ended as end:
                        answer = end.answer
                        if answer.status != "parse_failed" or attempts >= min(_PARSE_TRIES, self._endpoint.max_attempts):
                            break
                        tokens_in, tokens_out = tokens_in + answer.tokens_in, tokens_out + answer.tokens_out
                        answer = replace(answer, tokens_in=0, tokens_out=0)  # counted, should no other answer come
                    except Passing as failure:
                        self._last_cause = failure.reason
                        await self._back_off(failure.wait, attempts, limit)
                    except Rejected:
                        break
                    except Useless as reason:
                        raise self._of_no_use(request.model, str(reason)) from None
        except TimeoutError:
            pass
        self._count(request.model, answer)
        spent = Answer(answer.status, answer.value, answer.model, answer.tokens_in + tokens_in, answer.tokens_out + tokens_out)
        return Bought(request, call_id, spent, max(attempts, 1), time.monotonic() - started)

    async def _hold(self, limit: asyncio.Timeout) -> None:
        """Wait while the endpoint asked everybody to."""
        while (wait := self._not_before - time.monotonic()) > 0:
            await _sleep(wait, limit)

    async def _back_off(self, asked: float | None, attempts: int, limit: asyncio.Timeout) -> None:
        if attempts >= self._endpoint.max_attempts:
            return
        if asked is not None:
            self._not_before = max(self._not_before, time.monotonic() + asked)
            return
        longest = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1))
        await _sleep(random.uniform(longest / 2, longest), limit)  # spreads retries, decides nothing

    def _count(self, model: str, answer: Answer) -> None:
        if answer.status != "api_error":
            self._proven.add(model)
            self._failures_in_a_row = 0
            return
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= max(_LEAST_FAILURES_IN_A_ROW, self._endpoint.concurrency):
            raise self._of_no_use(model, f"{self._failures_in_a_row} calls in a row came to nothing (the last one: {self._last_cause})")

    def _of_no_use(self, model: str, reason: str) -> ProviderError:
        where = f" at {host}" if (host := urlsplit(self._endpoint.base_url).netloc) else ""
        return ProviderError(
            f"endpoint '{self._name}'{where}, model '{self._models[model].model}': {reason}; finished calls are kept: mend llm.endpoints.{self._name}"
        )


async def _sleep(seconds: float, limit: asyncio.Timeout) -> None:
    """Sleep, or give up at once if the deadline comes first.

    Raises:
        TimeoutError: the deadline would pass.
    """
    until = limit.when()
    if until is not None and asyncio.get_running_loop().time() + seconds >= until:
        raise TimeoutError
    await asyncio.sleep(seconds)
