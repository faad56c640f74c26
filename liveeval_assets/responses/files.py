"""Answers that a team made elsewhere: one JSON object per line with `item_id` and `answer`."""

from __future__ import annotations

import json

from liveeval_assets.shared.errors import SourceError

MAX_LINE = 1_000_000


def parse(lines: list[str], file: str) -> dict[str, str]:
    """Answers by item.

    Raises:
        SourceError: a line is not such an object, or an item is answered twice; names the line, never its text.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        item, answer = _fields(line)
        if item is None or answer is None:
            raise SourceError(f"{file} line {number}: expected an object with the texts item_id and answer; mend the line")
        if item in found:
            raise SourceError(f"{file} line {number}: the item was answered before; keep one of the lines")
        found[item] = answer
    return found


def _fields(line: str) -> tuple[str | None, str | None]:
    try:
        value = json.loads(line) if len(line) <= MAX_LINE else None
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(value, dict):
        return None, None
    item, answer = value.get("item_id"), value.get("answer")
    return (item if isinstance(item, str) else None), (answer if isinstance(answer, str) else None)
