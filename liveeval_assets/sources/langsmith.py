"""LangSmith: runs, posted when they begin and patched when they end, become spans.

Shapes: `{post: [...], patch: [...]}` (the SDK's batches) or one run per object (bulk export). A patch may come in a later
batch than its post, and may name its run by the end of `dotted_order` alone. Source: langsmith-sdk, run batch format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from liveeval_assets.sources.chat_message import first_of, some_text
from liveeval_assets.sources.spans import Kind, Span, epoch_moment, sides_of, utc_moment

_KINDS: dict[str, Kind] = {"llm": "generation", "tool": "tool"}
_ORDER = re.compile(r"(\d{8}T\d{12})Z([0-9a-fA-F-]{32,36})\Z")
_SESSION = ("session_id", "thread_id", "conversation_id")
_RELEASE = ("revision_id", "LANGSMITH_REVISION_ID", "version")


def langsmith_spans(records: Iterable[dict[str, Any]]) -> Iterator[Span]:
    """Spans of all records, in the order in which their runs first appear."""
    runs: dict[str, dict[str, Any]] = {}
    for record in records:
        for run in _runs(record):
            own_id = some_text(run.get("id")) or _from_order(run, 2)
            if own_id is not None:
                runs[own_id] = _completed(runs.get(own_id, {}), run)
    for own_id, run in runs.items():
        yield _span(own_id, run)


def _runs(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    listed = [record.get("post"), record.get("patch")]
    if not any(isinstance(part, list) for part in listed):
        listed = [[record] if "run_type" in record else []]
    for part in listed:
        yield from (run for run in part or [] if isinstance(run, dict)) if isinstance(part, list) else ()


def _completed(run: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The run with what the patch says anew; what it leaves empty stays."""
    return {**run, **{key: value for key, value in patch.items() if value not in (None, {}, [], "") or key not in run}}


def _span(own_id: str, run: dict[str, Any]) -> Span:
    extra = run.get("extra")
    metadata = extra.get("metadata") if isinstance(extra, dict) else None
    known = metadata if isinstance(metadata, dict) else {}
    kind = _KINDS.get(str(run.get("run_type")), "other")
    name = some_text(run.get("name")) or ""
    return Span(
        some_text(run.get("trace_id")) or own_id,
        own_id,
        some_text(run.get("parent_run_id")),
        some_text(first_of(known, *_SESSION)),
        some_text(known.get("user_id")),
        name=name,
        kind=kind,
        started_at=_moment(run.get("start_time")) or _order_moment(run),
        ended_at=_moment(run.get("end_time")),
        release=some_text(first_of(known, *_RELEASE)),
        model=some_text(known.get("ls_model_name")),
        tool_name=name if kind == "tool" else None,
        attributes=known,
        **sides_of(kind, run.get("inputs"), run.get("outputs")),
    )


def _moment(value: Any) -> datetime | None:
    """ISO 8601 with a zone (Python) or milliseconds since 1970 (JavaScript)."""
    return utc_moment(value) or epoch_moment(value, 1000)


def _from_order(run: dict[str, Any], group: int) -> str | None:
    found = _ORDER.search(run["dotted_order"]) if isinstance(run.get("dotted_order"), str) else None
    return found[group] if found else None


def _order_moment(run: dict[str, Any]) -> datetime | None:
    """The start that the run's place in its trace carries, for runs whose own has no zone."""
    text = _from_order(run, 1)
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
