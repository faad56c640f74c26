"""The language models of a home: every call is bought once, written to the journal at once, and served from it ever after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from liveeval_assets.runtime.caller import Bought, Caller
from liveeval_assets.runtime.client import Client
from liveeval_assets.runtime.endpoints import address_of
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.journal import Journal, Record, open_journal
from liveeval_assets.runtime.loop import run
from liveeval_assets.runtime.progress import CallProgress
from liveeval_assets.settings import Model
from liveeval_assets.shared.errors import ProviderError, SettingsError
from liveeval_assets.shared.llm import Reply, Request

_MILLION = 1_000_000
# above this share of calls without an end, a batch is not worth publishing
_MAX_UNFINISHED = 0.1
_LEAST_UNFINISHED = 3


class Models:
    """The one place that makes model calls. Not for use by several threads at once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._callers: dict[str, Caller] = {}
        self._clients: list[Client] = []

    def ask(self, requests: Sequence[Request], label: str) -> list[Reply]:
        """One reply per request, in the same order; what the journal holds is not bought again.

        Raises:
            ProviderError: an endpoint is of no use, or too many calls came to nothing. Finished calls are kept.
            SettingsError: a request names a model that the settings do not have.
        """
        ids = [r.call_id for r in requests]
        known = {i: r for i, r in self._journal.get(list(dict.fromkeys(ids))).items() if _is_servable(r)}
        wanted = {i: r for i, r in zip(ids, requests, strict=True) if i not in known}
        replies = {i: _reply(i, record, is_bought=False) for i, record in known.items()}
        if wanted:
            with CallProgress(label, len(known) + len(wanted), len(known)) as progress:

                def take(bought: Bought) -> None:
                    record = self._record(bought)
                    is_finished = bought.answer.status != "api_error"
                    if is_finished:
                        self._journal.put(bought.call_id, record)
                    replies[bought.call_id] = _reply(bought.call_id, record, is_bought=True)
                    progress.add(record["cost_usd"], is_finished=is_finished)

                run(self._buy(wanted, take))
            # of the whole batch: calls that an endpoint always rejects must not weigh more the fewer are left to ask
            _refuse_ruins(label, list(replies.values()))
        return [replies[i] for i in ids]

    def finished(self, call_ids: Sequence[str]) -> list[dict[str, object]]:
        """What the journal knows of finished calls: columns of `verdicts/calls` and `value`, by the order of `call_ids`, each once."""
        wanted = list(dict.fromkeys(call_ids))
        found = self._journal.get(wanted)
        return [{"call_id": i, **found[i]} for i in wanted if i in found]

    def family(self, model: str) -> str:
        """Model family of a configured model."""
        return self._model(model).family

    def sampling(self, model: str) -> tuple[tuple[str, float | int | str], ...]:
        """Sampling parameters and the model name asked for."""
        return self._model(model).sampling

    def close(self) -> None:
        """Close connections and journal. Embedded servers live on for the next run of this process and end with it."""
        clients, self._clients, self._callers = self._clients, [], {}
        if clients:
            run(_close(clients))
        if "_journal" in self.__dict__:
            self._journal.close()
            del self.__dict__["_journal"]

    @cached_property
    def _journal(self) -> Journal:
        return open_journal(self._home)

    async def _buy(self, wanted: Mapping[str, Request], take: Any) -> None:
        by_endpoint: dict[str, list[tuple[str, Request]]] = {}
        for call_id, request in wanted.items():
            by_endpoint.setdefault(self._model(request.model).endpoint, []).append((call_id, request))
        callers = [(self._caller(name), some) for name, some in by_endpoint.items()]
        tasks = [asyncio.create_task(caller.buy_all(some, take)) for caller, some in callers]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _caller(self, name: str) -> Caller:
        if name not in self._callers:
            endpoint = self._home.settings.llm.endpoints[name]
            client = Client(address_of(self._home.path, name, endpoint))
            self._clients.append(client)
            self._callers[name] = Caller(name, endpoint, client, self._home.settings.llm.models)
        return self._callers[name]

    def _model(self, name: str) -> Model:
        try:
            return self._home.settings.llm.models[name]
        except KeyError:
            raise SettingsError(f"llm.models has no '{name}'; add it to liveeval.yaml") from None

    def _record(self, bought: Bought) -> Record:
        request, answer, model = bought.request, bought.answer, self._model(bought.request.model)
        cost = (answer.tokens_in * model.usd_per_million_in + answer.tokens_out * model.usd_per_million_out) / _MILLION
        return {
            "role": request.role,
            "unit": request.unit,
            "unit_id": request.unit_id,
            "release_id": request.release_id,
            "baseline_release_id": request.baseline_release_id,
            "model": request.model,
            "family": model.family,
            "model_asked": model.model,
            "model_answered": answer.model,
            "task": request.task,
            "template": request.template,
            "order": request.order,
            "repeat": request.repeat,
            "round": request.round,
            "lens": request.lens,
            "status": answer.status,
            "tokens_in": answer.tokens_in,
            "tokens_out": answer.tokens_out,
            "cost_usd": cost,
            "attempts": bought.attempts,
            "seconds": round(bought.seconds, 4),
            "evaluator_version": request.evaluator_version,
            "value": answer.value,
        }


async def _close(clients: Sequence[Client]) -> None:
    for client in clients:
        await client.close()


def _is_servable(record: Record) -> bool:
    return record["status"] != "ok" or record["value"] is not None


def _reply(call_id: str, record: Record, *, is_bought: bool) -> Reply:
    same = ("status", "value", "model_asked", "model_answered", "family", "tokens_in", "tokens_out", "cost_usd", "attempts", "seconds")
    return Reply(call_id=call_id, is_bought=is_bought, **{name: record[name] for name in same})


def _refuse_ruins(label: str, replies: Sequence[Reply]) -> None:
    """A batch with too many holes is not published, and the next run asks for what is missing; a few holes stay UNSCORED.

    Raises:
        ProviderError: more than a tenth of the calls came to nothing.
    """
    missing = sum(r.status == "api_error" for r in replies)
    if missing >= _LEAST_UNFINISHED and missing > _MAX_UNFINISHED * len(replies):
        raise ProviderError(f"{label}: {missing} of {len(replies)} calls came to nothing; finished calls are kept")
