"""Whether a refuter's evidence stands in the answer, word for word."""

from __future__ import annotations

from liveeval_assets.verdicts.prompts import neutralise


def is_verbatim(span: str, answer: str) -> bool:
    """Whether `span` occurs in the answer as the refuter saw it, whatever the white space. An empty span is no evidence."""
    wanted = _folded(span)
    return bool(wanted) and (wanted in _folded(answer) or wanted in _folded(neutralise(answer)))


def _folded(text: str) -> str:
    return " ".join(text.split())
