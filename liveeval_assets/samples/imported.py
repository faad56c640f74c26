"""The team's own static set becomes items like any other: anonymised, with an identity and a stratum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from liveeval_assets.samples.clusters import nearest
from liveeval_assets.samples.embed import embedded_text, to_matrix
from liveeval_assets.samples.masking import Masker, TextTooLongError, profile
from liveeval_assets.samples.patterns import DetectorError
from liveeval_assets.shared.embed import Embedder
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

_ROLES = {"assistant": "assistant", "bot": "assistant", "agent": "assistant", "ai": "assistant", "tool": "tool", "system": "system"}


class _MalformedError(ValueError):
    """The history of a record cannot be read."""


def import_items(
    records: Sequence[Mapping[str, Any]], strata: pa.Table, layers: Sequence[str], embedder: Embedder, week: date
) -> tuple[pa.Table, dict[str, int]]:
    """Rows of samples/imported, and how many records did not become one, by reason.

    Args:
        records: `question`, and where there is one `history`: messages as {role, text} or (role, text), oldest first.
        strata: the strata of the first week.
        layers: detector layers.
        embedder: the embedder of the strata.
        week: the first week.

    Raises:
        SourceError: no record has a question.
    """
    masker = Masker(layers)
    items: dict[str, dict[str, Any]] = {}
    counts = {"empty": 0, "refused": 0, "repeated": 0}
    for record in records:
        try:
            item = _item(record, masker)
        except (TextTooLongError, DetectorError, _MalformedError):
            counts["refused"] += 1
            continue
        if item is None:
            counts["empty"] += 1
        elif item["item_id"] in items:
            counts["repeated"] += 1
        else:
            items[item["item_id"]] = item
    if not items:
        why = f"{counts['empty']} without a question, {counts['refused']} with a history that is no list of messages or a text that cannot be masked"
        raise SourceError(f"samples/imported week {week}: the static set has no record that can be used ({why}); check eval_sets.frozen.source.map")
    rows = [items[i] for i in sorted(items)]
    index, distance, strata = _strata(rows, strata, embedder)
    names, radius = strata.column("stratum_id").to_pylist(), strata.column("radius").to_pylist()
    shared = {"week": week, "detector_profile": profile(layers)}
    placed = [
        {**row, **shared, "stratum_id": names[j], "distance": float(d), "is_far": bool(d > radius[j])} for row, j, d in zip(rows, index, distance, strict=True)
    ]
    return TABLES["samples/imported"].rows(placed), counts


def _item(record: Mapping[str, Any], masker: Masker) -> dict[str, Any] | None:
    raw = record.get("question")
    if not isinstance(raw, str) or not raw.strip():
        return None
    question, n_masked = masker.text(raw, None)
    history = []
    for role, text in _messages(record.get("history")):
        masked, n = masker.text(text, None)
        history.append({"role": role, "text": masked, "tool_calls": None})
        n_masked += n
    # the identity comes from the masked text, so that it can be checked without the raw one
    identity = digest("frozen", question, *(f"{m['role']}:{m['text']}" for m in history))
    return {"item_id": identity, "history": history, "question": question, "n_masked": n_masked}


def _messages(history: Any) -> Iterable[tuple[str, str]]:
    """(role, text) of each message that has a text.

    Raises:
        _MalformedError: the history is no list of messages.
    """
    if not isinstance(history, (list, tuple, type(None))):
        raise _MalformedError
    for message in history or ():
        if isinstance(message, Mapping):
            role, text = message.get("role"), message.get("text") or message.get("content")
        elif isinstance(message, (list, tuple)) and len(message) == 2:
            role, text = message
        else:
            raise _MalformedError
        if text:
            yield _role(str(role or "user")), str(text)


def _role(name: str) -> str:
    """A known role; a speaker's name is personal data, and is a user's."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    return _ROLES.get(plain, "user")


def _strata(rows: Sequence[Mapping[str, Any]], strata: pa.Table, embedder: Embedder) -> tuple[Any, Any, pa.Table]:
    strata = strata.sort_by("stratum_id")
    vectors = embedder.embed([embedded_text(r["history"], r["question"]) for r in rows])
    return (*nearest(vectors, to_matrix(strata.column("centroid"))), strata)
