"""Conversations of the week become items without personal data: one turn each, masked layer by layer.

A conversation whose text cannot be searched whole is refused and counted; it never passes unsearched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.samples.masking import Masker, TextTooLongError, profile
from liveeval_assets.samples.patterns import DetectorError
from liveeval_assets.samples.turns import Message, answer_text, choose_turn
from liveeval_assets.shared import ids
from liveeval_assets.shared.hashing import uniforms
from liveeval_assets.tables import TABLES

_CARRIED = ("conversation_id", "release_id", "user_key", "started_at", "read_probability", "week")
_NEEDED = (*_CARRIED, "messages", "known_entities")
_BATCH = 512  # conversations held as Python objects at once


def anonymise(conversations: pa.Table, layers: Sequence[str], turn: Any, phase1_size: int, seed: int) -> tuple[pa.Table, dict[str, int]]:
    """Rows of samples/anonymised, and how many conversations did not become one, by reason.

    Args:
        conversations: rows of traces/conversations of one week.
        layers: detector layers, applied in the order known_entities, patterns, allow_list.
        turn: "drawn" or "last".
        phase1_size: conversations kept by hash; all of a smaller week.
        seed: seed of every hash.
    """
    kept, probability = _phase1(conversations.select(_NEEDED), phase1_size, seed)
    masker = Masker(layers)
    shared = {"phase1_probability": probability, "detector_profile": profile(layers)}
    counts: Counter[str] = Counter(not_in_phase1=conversations.num_rows - kept.num_rows)
    rows: list[dict[str, Any]] = []
    for batch in kept.to_batches(max_chunksize=_BATCH):
        for conversation in batch.to_pylist():
            try:
                row = _item(conversation, masker, turn, seed)
            except TextTooLongError:
                counts["too_long"] += 1
            except DetectorError:
                counts["detector_failed"] += 1
            else:
                if row is None:
                    counts["no_answer"] += 1
                else:
                    rows.append({**row, **shared})
    return TABLES["samples/anonymised"].rows(rows), dict(counts)


def _phase1(conversations: pa.Table, size: int, seed: int) -> tuple[pa.Table, float]:
    """The `size` conversations with the smallest hashes, in the order of their ids, and the probability of being kept."""
    conversations = conversations.sort_by("conversation_id")
    n = conversations.num_rows
    if n <= size:
        return conversations, 1.0
    order = np.argsort(uniforms(seed, "phase1", conversations.column("conversation_id").to_pylist()), kind="stable")
    return conversations.take(pa.array(np.sort(order[:size]))), size / n


def _item(conversation: Mapping[str, Any], masker: Masker, how: Any, seed: int) -> dict[str, Any] | None:
    turn = choose_turn(conversation["messages"], seed, conversation["conversation_id"], how)
    if turn is None:
        return None
    known = masker.known(conversation["known_entities"] or ())
    masked, n_masked = _messages(conversation["messages"][: turn.stop], masker, known)
    question = masked[turn.start]["text"] or ""
    answer = answer_text([m for m in masked[turn.start + 1 :] if m["role"] in ("assistant", "tool")])
    return {
        **{k: conversation[k] for k in _CARRIED},
        "item_id": ids.item_id(conversation["conversation_id"], turn.index),
        "turn_index": turn.index,
        "turn_probability": turn.probability,
        "history": masked[: turn.start],
        "question": question,
        "answer": answer,
        "n_masked": n_masked,
        "n_characters": len(question) + len(answer),
    }


def _messages(messages: Sequence[Message], masker: Masker, known: Any) -> tuple[list[dict[str, str | None]], int]:
    out: list[dict[str, str | None]] = []
    n_masked = 0
    for message in messages:
        text, n = masker.text(message["text"], known)
        calls, more = masker.tool_calls(message["tool_calls"], known)
        out.append({"role": message["role"], "text": text, "tool_calls": calls})
        n_masked += n + more
    return out, n_masked
