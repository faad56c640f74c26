"""Langfuse: a trace with its observations, or rows of the blob storage export, become spans.

Shapes: `{trace, observations}` and a trace that holds its observations (API and UI exports), an observation or a trace
alone (one per line). Field names in either case style. Source: langfuse.com/docs, Blob Storage Export Field Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from liveeval_assets.sources.chat import unwrapped
from liveeval_assets.sources.chat_message import first_of, some_text
from liveeval_assets.sources.spans import Kind, Span, sides_of, utc_moment

_KINDS: dict[str, Kind] = {"GENERATION": "generation", "TOOL": "tool", "AGENT": "agent"}
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
# the export's field reference: times are UTC, also where they carry no zone
_UTC = timedelta(0)


def langfuse_spans(record: dict[str, Any]) -> Iterator[Span]:
    """Spans of one exported object; what is none of the shapes has none.

    A trace is a span too, under its own id: where no observation holds the conversation, it does.
    """
    trace, observations = record.get("trace"), record.get("observations")
    if isinstance(trace, dict):
        yield from _of_trace(snake(trace), observations)
        return
    row = snake(record)
    if some_text(row.get("trace_id")) and some_text(row.get("id")):
        found = _observation(row, {})
        if found is not None:
            yield found
    elif some_text(row.get("id")) and ("timestamp" in row or isinstance(observations, list)):
        yield from _of_trace(row, observations)


def snake(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its keys in snake case."""
    return {_HUMP.sub(r"_\1", key).lower(): value for key, value in record.items()}


def _of_trace(trace: dict[str, Any], observations: Any) -> Iterator[Span]:
    listed = observations if isinstance(observations, list) else trace.get("observations")
    trace_id = some_text(trace.get("id"))
    if trace_id is None:
        return
    yield Span(
        trace_id,
        trace_id,
        **_context(trace, {}),
        started_at=utc_moment(trace.get("timestamp"), _UTC),
        name=some_text(trace.get("name")) or "",
        **sides_of("other", _logged(trace.get("input")), _logged(trace.get("output"))),
    )
    for item in listed if isinstance(listed, list) else []:
        found = _observation({"trace_id": trace_id, **snake(item)}, trace) if isinstance(item, dict) else None
        if found is not None:
            yield found


def _logged(value: Any) -> Any:
    """What was logged: the export holds an object, or nothing, as a JSON text."""
    return None if value == "null" else unwrapped(value) if isinstance(value, str) else value


def _produced(kind: Kind, value: Any) -> Any:
    """A model's answer may itself be a JSON text; the export holds it like an object, so it stays a text."""
    return value if kind == "generation" else _logged(value)


def _observation(row: dict[str, Any], trace: dict[str, Any]) -> Span | None:
    span_id, trace_id = some_text(row.get("id")), some_text(row.get("trace_id"))
    if span_id is None or trace_id is None:
        return None
    kind = _KINDS.get(str(row.get("type")).upper(), "other")
    attributes = _attributes(row)
    name = some_text(row.get("name")) or ""
    return Span(
        trace_id,
        span_id,
        some_text(row.get("parent_observation_id")),
        **_context(trace, row),
        name=name,
        kind=kind,
        started_at=utc_moment(row.get("start_time"), _UTC),
        ended_at=utc_moment(row.get("end_time"), _UTC),
        model=some_text(first_of(row, "model", "provided_model_name")),
        tool_name=(some_text(attributes.get("gen_ai.tool.name")) or name) if kind == "tool" else None,
        tool_call_id=some_text(attributes.get("gen_ai.tool.call.id")) if kind == "tool" else None,
        attributes=attributes,
        **sides_of(kind, _logged(row.get("input")), _produced(kind, row.get("output"))),
    )


def _context(trace: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """Session, user and release: the trace's, else the row's own, as the enriched export repeats them."""
    both = {**{k: v for k, v in row.items() if v is not None}, **{k: v for k, v in trace.items() if v is not None}}
    release = first_of(both, "release", "trace_release", "version", "trace_version")
    return {"session_id": some_text(both.get("session_id")), "user_id": some_text(both.get("user_id")), "release": some_text(release)}


def _attributes(row: dict[str, Any]) -> dict[str, Any]:
    """What instrumentation wrote beside input and output."""
    metadata = _logged(row.get("metadata"))
    if not isinstance(metadata, dict):
        return {}
    inner = _logged(metadata.get("attributes"))
    return inner if isinstance(inner, dict) else metadata
