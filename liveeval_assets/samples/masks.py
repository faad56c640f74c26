"""What stands in the text where personal data stood."""

from __future__ import annotations

import re

LABELS = ("NAME", "EMAIL", "PHONE", "NUMBER", "PLACE", "ADDRESS", "ID", "CARD", "IBAN", "IP", "SSN", "URL", "WALLET", "LONG")
MASK = re.compile(r"\[(?:" + "|".join(LABELS) + r")\]")


def mask(label: str) -> str:
    """The mask of a label; an unknown label is a mistake in the code."""
    if label not in LABELS:
        raise KeyError(label)
    return f"[{label}]"


def outside_masks(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, in order: (piece, whether it is a mask)."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for hit in MASK.finditer(text):
        if hit.start() > end:
            pieces.append((text[end : hit.start()], False))
        pieces.append((hit.group(), True))
        end = hit.end()
    if end < len(text):
        pieces.append((text[end:], False))
    return pieces
