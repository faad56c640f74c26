"""Langfuse scores: what users, evaluators and annotators said of a trace, told apart by where a score came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from liveeval_assets.sources.chat_message import some_text
from liveeval_assets.sources.langfuse import snake
from liveeval_assets.sources.spans import utc_moment

Origin = Literal["api", "eval", "annotation"]
_ORIGINS: dict[str, Origin] = {"API": "api", "EVAL": "eval", "ANNOTATION": "annotation"}
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Score:
    """One score.

    Attributes:
        origin: api is what the product sent, a user's feedback among it; eval is an evaluator's; annotation a person's in Langfuse.
        value: a number, a truth value, or the name of a category.
    """

    id: str
    name: str
    origin: Origin
    value: float | bool | str
    trace_id: str | None
    session_id: str | None = None
    observation_id: str | None = None
    at: datetime | None = None


def langfuse_scores(record: dict[str, Any]) -> Iterator[Score]:
    """Scores of a trace export, of a trace, or of one score row; one without id, name, value or known source is none."""
    trace = record.get("trace")
    holder = trace if isinstance(trace, dict) else record
    listed = holder.get("scores")
    rows = [{"traceId": holder.get("id"), **row} for row in listed if isinstance(row, dict)] if isinstance(listed, list) else [record]
    yield from (score for score in map(_score, map(snake, rows)) if score is not None)


def user_scores(scores: Iterable[Score]) -> list[Score]:
    """Scores that the product sent: outcomes, never labels."""
    return [score for score in scores if score.origin == "api"]


def _score(row: dict[str, Any]) -> Score | None:
    own_id, name = some_text(row.get("id")), some_text(row.get("name"))
    origin, value = _ORIGINS.get(str(row.get("source")).upper()), _value(row)
    if own_id is None or name is None or origin is None or value is None:
        return None
    places = {key: some_text(row.get(key)) for key in ("trace_id", "session_id", "observation_id")}
    return Score(own_id, name, origin, value, **places, at=utc_moment(row.get("timestamp"), timedelta(0)))


def _value(row: dict[str, Any]) -> float | bool | str | None:
    """The value in the type that the score declares; without a type only a number is one."""
    kind, number, text = str(row.get("data_type")).upper(), row.get("value"), row.get("string_value")
    if kind == "CATEGORICAL":
        return some_text(text) or some_text(number)
    if kind == "BOOLEAN":
        if isinstance(number, bool) or number in (0, 1):
            return bool(number)
        return _WORDS.get(str(text).lower())
    return _number(number) if kind in ("NUMERIC", "NONE") else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
