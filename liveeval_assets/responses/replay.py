"""A replay as model calls: the release is asked anew, with the same history, in the product's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from liveeval_assets.responses.plan import Replay
from liveeval_assets.shared.llm import Request
from liveeval_assets.shared.messages import as_text

TEMPLATE = "answer/1"
Sampling = tuple[tuple[str, float | int | str], ...]


def requests(replays: Iterable[Replay], system_prompt: str, sampling: Mapping[str, Sampling]) -> list[tuple[Replay, Mapping[str, Any], Request]]:
    """One request per item of each replay whose release answers at an endpoint; `sampling` is that of each configured model."""
    return [
        (replay, item, _request(replay, item, system_prompt, sampling[replay.release["answers_at"]]))
        for replay in replays
        if replay.release["answers_by"] == "endpoint"
        for item in replay.items
    ]


def _request(replay: Replay, item: Mapping[str, Any], system_prompt: str, sampling: Sampling) -> Request:
    return Request(
        role="release",
        model=replay.release["answers_at"],
        task="answer",
        template=TEMPLATE,
        system=system_prompt,
        prompt=item["question"],
        history=_history(item["history"] or []),
        unit_id=item["item_id"],
        release_id=replay.release["release_id"],
        sampling=sampling,
    )


def _history(messages: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Messages as a chat endpoint takes them: what a tool returned is told by the assistant, for its call has no id any more."""
    told = ((("user" if m["role"] == "user" else "assistant"), as_text(m)) for m in messages if m["role"] != "system")
    return tuple((role, text) for role, text in told if text)
