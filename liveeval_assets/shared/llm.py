"""What a language-model call is, apart from how it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel

from liveeval_assets.shared.hashing import digest_json

Role = Literal["naive", "panel", "refuter", "release"]
Status = Literal["ok", "parse_failed", "refused", "truncated", "api_error", "over_budget"]
STATUSES: tuple[str, ...] = ("ok", "parse_failed", "refused", "truncated", "api_error", "over_budget")


@dataclass(frozen=True)
class Request:
    """One call to buy. Everything that can change the reply is part of `call_id`; the endpoint's address is not.

    Attributes:
        model: name of a model in the settings (`models:`), which knows endpoint, family and sampling parameters.
        template: name and version of the prompt template.
        system, prompt: the messages; `{nonce}` in them is replaced by a per-call fence that is not part of the key.
        schema: the pydantic model that the reply must match; None asks for plain text.
        unit: item, control or anchor; unit_id is its id.
        evaluator_version: hash of rubric, templates and judge settings; empty for releases.
    """

    role: Role
    model: str
    task: str
    template: str
    system: str
    prompt: str
    schema: type[BaseModel] | None = None
    unit: str = "item"
    unit_id: str = ""
    release_id: str = ""
    baseline_release_id: str = ""
    order: int = 1
    repeat: int = 0
    round: int = 0
    lens: str = ""
    evaluator_version: str = ""
    sampling: tuple[tuple[str, float | int | str], ...] = field(default=())
    history: tuple[tuple[str, str], ...] = ()

    @property
    def call_id(self) -> str:
        """Identity of the call: the same content, asked the same way, is bought once."""
        return digest_json(
            [
                *(self.role, self.task, self.system, self.prompt, self.history, self.template, self.model),
                *(self.order, self.repeat, self.round, self.lens, self.sampling, self.evaluator_version),
            ]
        )


@dataclass(frozen=True)
class Reply:
    """What came back: `value` is the parsed reply (or {"text": ...}) when status is ok, else None."""

    call_id: str
    status: Status
    value: dict[str, object] | None
    model_asked: str
    model_answered: str
    family: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    attempts: int
    is_bought: bool  # False: served from the journal
    seconds: float


class LanguageModels(Protocol):
    """Buys calls, each once, with bounded concurrency and a total deadline per call."""

    def ask(self, requests: Sequence[Request], label: str) -> list[Reply]:
        """One reply per request, in the same order. Progress is shown under `label`."""
        ...

    def finished(self, call_ids: Sequence[str]) -> list[dict[str, object]]:
        """What is known of finished calls: the columns that every call has, and its `value`; unfinished ids are left out."""
        ...

    def family(self, model: str) -> str:
        """Model family of a configured model."""
        ...

    def sampling(self, model: str) -> tuple[tuple[str, float | int | str], ...]:
        """Sampling parameters and model name asked for; part of each call's identity."""
        ...
