"""Allow-list masking: what is not ordinary vocabulary and looks like a name, a number or an address is masked.

Casing says most: a capitalised word inside a sentence must be a common word and no name. In lower-case text a word is
masked where it is a given name, a name too rare to be a word, or stands after a cue such as "my name is".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from liveeval_assets.samples.digits import is_id, is_telling_number
from liveeval_assets.samples.masks import mask, outside_masks
from liveeval_assets.samples.vocabulary import Vocabulary
from liveeval_assets.samples.words import MONTHS_AND_DAYS

_TOKEN = re.compile(
    r"(?P<mixed>(?=[\w.-]*\d)(?=[\w.-]*[^\W\d_])[^\W_](?:[\w-]*[^\W_])?)"  # letters and digits in one token: ids, user names
    r"|(?P<digits>[$€£¥]?\s?\d(?:[\d.,:/()+\s-]{0,3}\d)*\s?%?)"
    r"|(?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)?)"
)
_STREETS = (
    "street|st|avenue|ave|road|rd|parkway|pkwy|boulevard|blvd|drive|dr|lane|ln|court|ct|way|plaza|highway|hwy|terrace|place|pl"
    "|square|circle|crescent|close|trail"
)
_NOT_IN_ADDRESS = "to|the|in|on|at|of|for|and|a|my|is|are|was|from|by|with|day|days|week|weeks|minute|minutes|hour|hours|year|years|times|percent|more|or|per"
_UNIT = r"(?:,?\s*(?:suite|ste|apt|apartment|unit|floor|room|box|#)\.?\s*#?\s*\d{1,5}[a-z]?\b|,?\s*(?:north|south)?(?:east|west|north|south)\b)"
_ADDRESS = re.compile(
    rf"(?<![\w$€£.])\d{{1,6}}(?:-\d{{1,4}})?[a-z]?,?\s+(?:(?!(?:{_NOT_IN_ADDRESS})\b)\w[\w'\u2019.]*\s+){{1,4}}(?:{_STREETS})\b\.?{_UNIT}*", re.IGNORECASE
)
_AGE = re.compile(r"\b\d{1,3}(?=[\s-]*(?:years?[\s-]+old|yrs?[\s-]+old|y/?o)\b)", re.IGNORECASE)
_STRONG_CUE = re.compile(
    r"\b(?:(?:first |last |full |sur|user|contact |given |family |maiden )?name(?:'s|\s+is|\s+was|\s*[:=])|call me|mr|mrs|ms|mx|dr|miss|signed)[.:,]?\s+$",
    re.IGNORECASE,
)
_WEAK_CUE = re.compile(
    r"\b(?:i am|i['\u2019]?m|this is|it's|dear|hi|hello|hey|thanks|regards|sincerely|cheers|with|from|for|to|by|and|ask|tell)[,:]?\s+$", re.IGNORECASE
)
_CUE_WINDOW = 24  # characters before a word in which a cue is looked for
_SENTENCE_END = re.compile(r"(?:^|[.!?:;\n>*•|\[({\"\u201c\u201d]|\s[-\u2013\u2014])\s*[\"'\u201c\u2018(*#-]*\s*$")
_INITIALS = re.compile(r"\[NAME\]((?:[ ,.-]{0,2}\[NAME\]|,? (?!I\b)[A-Z]\b\.?(?!\w)| [a-z]\.?(?= \[NAME\]))+)")
_LEADING_INITIAL = re.compile(r"\b(?!I\b)[A-Z]\. ?(?=\[NAME\])")
_HOUSE_NUMBER = re.compile(r"(?<=\[NAME\] )\d{1,3}[a-z]?\b(?![:%.]\d)")
_SUFFIXES = frozenset(["s", "t", "re", "ve", "ll", "d", "m"])
_NAME_WORDS = 3  # words masked after a strong cue


@dataclass
class _State:
    """How many words after the present one still belong to a name."""

    open_name: int = 0


def mask_unlisted(text: str, vocabulary: Vocabulary) -> tuple[str, int]:
    """The text with names, numbers, ids and street addresses masked, and the number of masks."""
    text, n_masks = _ADDRESS.subn(mask("ADDRESS"), text)
    text, n_ages = _AGE.subn(mask("NUMBER"), text)
    n_masks += n_ages
    out: list[str] = []
    for piece, is_mask in outside_masks(text):
        found, n = (piece, 0) if is_mask else _mask_piece(piece, vocabulary, after_mask=bool(out))
        out.append(found)
        n_masks += n
    text = _LEADING_INITIAL.sub("", _INITIALS.sub(mask("NAME"), "".join(out)))
    text, n_houses = _HOUSE_NUMBER.subn(mask("NUMBER"), text)
    return text, n_masks + n_houses


def _mask_piece(text: str, vocabulary: Vocabulary, *, after_mask: bool) -> tuple[str, int]:
    state = _State()
    out: list[str] = []
    end, n = 0, 0
    for hit in _TOKEN.finditer(text):
        label = _label(hit, text, vocabulary, state, after_mask=after_mask)
        if label is None:
            continue
        start, stop = hit.span()
        lead = len(hit.group()) - len(hit.group().lstrip())
        trail = len(hit.group()) - len(hit.group().rstrip())
        out += [text[end : start + lead], mask(label)]
        end, n = stop - trail, n + 1
    return "".join([*out, text[end:]]), n


def _label(hit: re.Match[str], text: str, vocabulary: Vocabulary, state: _State, *, after_mask: bool) -> str | None:
    if hit.lastgroup == "digits":
        state.open_name = 0
        return "NUMBER" if is_telling_number(hit.group()) else None
    if hit.lastgroup == "mixed":
        state.open_name = 0
        return "ID" if is_id(hit.group(), vocabulary) else None
    word, _, suffix = hit.group().replace("\u2019", "'").partition("'")
    if suffix.lower() in _SUFFIXES - {"s"}:
        state.open_name = 0
        return None
    if suffix and suffix.lower() != "s":
        # O'Brien, d'Angelo: one word of two parts
        word += suffix
    before = text[max(0, hit.start() - _CUE_WINDOW) : hit.start()]
    is_start = not (after_mask and hit.start() <= 1) and bool(_SENTENCE_END.search(before))
    is_name = _is_name(word, before, vocabulary, state, is_start=is_start)
    if not is_name:
        return None
    return "PLACE" if word.lower() in vocabulary.places and word.lower() not in vocabulary.names else "NAME"


def _is_name(word: str, before: str, vocabulary: Vocabulary, state: _State, *, is_start: bool) -> bool:
    low = word.lower()
    goes_on = state.open_name > 0 and before.endswith((" ", "-")) and before.strip(" -")[-1:] not in ".!?;:\n,"
    state.open_name = max(0, state.open_name - 1) if goes_on else 0
    if len(word) == 1 or low in MONTHS_AND_DAYS:
        return False
    if word[0].isupper():
        found = _is_capital_name(word, low, vocabulary, is_start=is_start) or (goes_on and low not in vocabulary.stop)
    else:
        found = _is_lower_name(low, before, vocabulary, goes_on=goes_on)
    if not found and _STRONG_CUE.search(before) and low not in vocabulary.stop:
        state.open_name = _NAME_WORDS - 1
        return True
    if found and not state.open_name:
        state.open_name = 1
    return found


def _is_capital_name(word: str, low: str, vocabulary: Vocabulary, *, is_start: bool) -> bool:
    if len(set(_scripts(word))) > 1:
        return True
    if is_start:
        return low not in vocabulary.common_at_start or ((low in vocabulary.names or low in vocabulary.places) and low not in vocabulary.everyday)
    if low in vocabulary.everyday:
        return low in vocabulary.given and not word.isupper()
    return low not in vocabulary.common or low in vocabulary.names or low in vocabulary.places


def _is_lower_name(low: str, before: str, vocabulary: Vocabulary, *, goes_on: bool) -> bool:
    if low in vocabulary.everyday or len(low) <= 2:
        return False
    if low in vocabulary.given or low in vocabulary.places or low not in vocabulary.known:
        return True
    if low in vocabulary.names and low not in vocabulary.common_at_start:
        return True
    if low in vocabulary.names and (goes_on or _WEAK_CUE.search(before) is not None):
        return low not in vocabulary.common
    return goes_on and low not in vocabulary.common_at_start


def _scripts(word: str) -> list[str]:
    """Script of each letter that has look-alikes elsewhere: a mix within one word is a disguise."""
    return ["cyrillic" if "\u0400" <= c <= "\u052f" else "greek" if "\u0370" <= c <= "\u03ff" else "latin" for c in word if c.isalpha()]
