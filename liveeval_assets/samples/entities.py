"""Known entities: what the conversation's own user record says about the user is masked wherever it is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from liveeval_assets.samples.masks import mask
from liveeval_assets.samples.normalise import normalise
from liveeval_assets.samples.words import PARTICLES

_MIN_WHOLE = 3  # characters of the shortest entity that is looked for
_MIN_WHOLE_CASELESS = 2  # the same in scripts without case, where names are short
_MIN_PART = 3  # characters of the shortest part of a name that is looked for alone


def entity_pattern(known: Iterable[str], keep: frozenset[str] = frozenset()) -> re.Pattern[str] | None:
    """One pattern for the entities and the parts of names among them; None where nothing can be looked for.

    Args:
        known: names, addresses, e-mails, account numbers of one user.
        keep: lower-case words that a part must not be (ordinary words: "Will", "Mark" alone say little).
    """
    wholes = {e for e in (normalise(k).strip() for k in known) if len(e) >= (_MIN_WHOLE_CASELESS if _is_caseless(e) else _MIN_WHOLE)}
    if not wholes:
        return None
    parts = {p for whole in wholes for p in _parts(whole) if p.lower() not in keep}
    # longest first, so that a name is one mask and not three
    found = sorted(wholes | parts, key=lambda e: (-len(e), e))
    return re.compile("|".join(map(_bounded, found)), re.IGNORECASE)


def mask_entities(text: str, pattern: re.Pattern[str] | None) -> tuple[str, int]:
    """The text with every hit masked by its kind, and the number of masks."""
    if pattern is None:
        return text, 0
    return pattern.subn(lambda hit: _kind(hit.group()), text)


def _parts(whole: str) -> Sequence[str]:
    """Words of a name or an address; the user part of an e-mail address."""
    if "@" in whole:
        user = whole.split("@", maxsplit=1)[0]
        return [user] if len(user) > _MIN_PART else []
    words = re.split(r"[\s,.;/]+", whole)
    return [
        w
        for w in words
        if len(w) >= (_MIN_WHOLE_CASELESS if _is_caseless(w) else _MIN_PART) and w.lower() not in PARTICLES and not (w.isdigit() and len(w) < 4)
    ]


def _is_caseless(text: str) -> bool:
    """Whether the text is in a script without case (Han, Hangul, Arabic, ...)."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and not any(c.lower() != c.upper() for c in letters)


def _bounded(entity: str) -> str:
    """The entity as a word of its own; scripts without case often write no spaces between words."""
    return _loose(entity) if _is_caseless(entity) else rf"(?<!\w){_loose(entity)}(?!\w)"


def _loose(entity: str) -> str:
    """The entity with any white space between its words, digits with any separators between their groups."""
    if sum(c.isdigit() for c in entity) >= 7 and not any(c.isalpha() for c in entity):
        return r"\+?" + r"[\s().-]{0,3}".join(re.escape(c) for c in entity if c.isdigit())
    return r"\s+".join(re.escape(word) for word in entity.split())


def _kind(hit: str) -> str:
    if "@" in hit:
        return mask("EMAIL")
    digits = sum(c.isdigit() for c in hit)
    if digits and any(c.isalpha() for c in hit):
        return mask("ADDRESS") if " " in hit else mask("ID")
    return mask("NUMBER") if digits else mask("NAME")
