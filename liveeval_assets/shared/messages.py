"""How a stored message is told in plain text."""

from __future__ import annotations

from collections.abc import Mapping


def as_text(message: Mapping[str, str | None]) -> str:
    """Text of a message and, in square brackets, the tool calls that it made."""
    calls = message.get("tool_calls") or ""
    parts = (message.get("text") or "", f"[tool calls {calls}]" if calls.strip("[] ") else "")
    return "\n".join(p for p in parts if p)
