"""Text as the detectors see it: one form per character, nothing invisible.

Zero-width characters, soft hyphens, tag characters, full-width letters and foreign digits hide personal data from
patterns; the normalised text is what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KEPT_CONTROLS = "\n\t"
# marks without a glyph of their own that are not of category Cf
_INVISIBLE_MARKS = frozenset([0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_ASCII_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def normalise(text: str) -> str:
    """NFKC, without invisible and control characters, with every decimal digit as 0-9."""
    if text.isascii():
        return _ASCII_CONTROLS.sub("", text)
    # NFKC last as well: dropping a joiner can bring two composable characters together
    visible = "".join(map(_character, unicodedata.normalize("NFKC", text)))
    return unicodedata.normalize("NFKC", visible)


def squash(text: str) -> str:
    """Letters and digits alone, without case: the form in which canaries are looked for."""
    return "".join(c for c in normalise(text).casefold() if c.isalnum())


@lru_cache(maxsize=20_000)
def _character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category in ("Cf", "Cs", "Co") or ord(character) in _INVISIBLE_MARKS:
        return ""
    if category == "Cc":
        return character if character in _KEPT_CONTROLS else ""
    return " " if category in ("Zs", "Zl", "Zp") else character
