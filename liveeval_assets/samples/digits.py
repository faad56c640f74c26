"""Which numbers and mixes of letters and digits may belong to a person."""

from __future__ import annotations

import re

from liveeval_assets.samples.vocabulary import Vocabulary

_LONE_DIGITS = 2  # a number of this many digits, standing alone, says nothing about a person
_JOINED_DIGITS = 5  # shorter groups that together make this many digits are one number
_AMOUNT = re.compile(r"[$€£¥]\s?\d[\d,]{0,4}(?:\.\d{1,2})?|\d{1,3}(?:\.\d{1,2})?\s?%")  # up to 9,999.99
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_DAY_MONTH = re.compile(r"\d{2}[/.-]\d{2}")
_SHORT_ID = 4  # a shorter mix of letters and digits (4k, mp3, a1) stays


def is_telling_number(token: str) -> bool:
    """Whether digits (with their separators, a currency sign or a per cent sign) may belong to a person.

    Small numbers, clock times and everyday amounts of money stay.
    """
    token = token.strip()
    if _AMOUNT.fullmatch(token) or _CLOCK.fullmatch(token):
        return False
    groups = re.findall(r"\d+", token)
    is_long = max(map(len, groups)) > _LONE_DIGITS or sum(map(len, groups)) >= _JOINED_DIGITS
    return is_long or _DAY_MONTH.fullmatch(token) is not None


def is_id(token: str, vocabulary: Vocabulary) -> bool:
    """Whether letters and digits in one token are an id or a user name, not "mp3" or "24hour"."""
    if len(token) < _SHORT_ID:
        return False
    letters = re.sub(r"[\d-]", "", token).lower()
    digits = sum(c.isdigit() for c in token)
    # ordinals, units and plain words with a small number ("24hour", "covid19") stay
    return digits > _LONE_DIGITS or letters not in vocabulary.common
