"""Disguises of personal data disappear before any pattern is looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.samples.normalise import normalise, squash

NUMBER = "4111111111111111"
DISGUISES = {
    "zero width": "\u200b".join(NUMBER),
    "full width": "".join(chr(0xFF10 + int(c)) for c in NUMBER),
    "arabic digits": "".join(chr(0x0660 + int(c)) for c in NUMBER),
    "soft hyphen": "\u00ad".join(NUMBER),
    "tag characters": "\U000e0041".join(NUMBER),
    "bidi marks": "\u202e" + NUMBER + "\u202c",
    "variation selectors": "\ufe0f".join(NUMBER),
    "grapheme joiner": "\u034f".join(NUMBER),
    "mathematical digits": "".join(chr(0x1D7CE + int(c)) for c in NUMBER),
    "superscripts": "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(c)] for c in NUMBER),
    "nul": "\x00".join(NUMBER),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_falls(name: str) -> None:
    assert normalise(DISGUISES[name]) == NUMBER


def test_ordinary_text_stays() -> None:
    text = "Où est Zoë's café? It costs €5.\n\tThanks"
    assert normalise(text) == text


def test_no_break_spaces_are_spaces() -> None:
    assert normalise("a\u00a0b\u2003c\u3000d") == "a b c d"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_squash_compares_letters_and_digits() -> None:
    assert squash("Quillon  VAN-treeve") == squash("quillon\u200bvantreeve")
