"""Which words are ordinary and which are names: frequency lists of English and name lists of many countries.

The lists come from installed packages, so that a text is masked alike on every machine with the same lock.
"""

from __future__ import annotations

import pkgutil
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, metadata
from typing import Any
from zoneinfo import available_timezones

from liveeval_assets.samples.words import GEOGRAPHY, NAMES_AND_WORDS

VERSION = f"wordfreq {metadata.version('wordfreq')}, faker {metadata.version('faker')}"

_COMMON = 10_000  # a capitalised word inside a sentence must be among these to stay
_COMMON_AT_START = 30_000  # at the start of a sentence any word is capitalised: rarer ones may stay
_KNOWN = 150_000  # a lower-case word outside these is no word that people use: a foreign name, an id, a rare slip
_BASIC = 1_000  # words so frequent that an exotic name of the same spelling does not count
_STOP = 200  # words that end a name after "my name is"
_ENGLISH = ("en", "en_US", "en_GB", "en_IE", "en_NZ")
_NAME_FIELDS = ("first_names", "first_names_male", "first_names_female", "last_names", "last_names_male", "last_names_female")
_FIRST_FIELDS = _NAME_FIELDS[:3]
_PLACE_FIELDS = ("countries", "states", "provinces", "counties")


@dataclass(frozen=True)
class Vocabulary:
    """Lower-case words by what they say about a person.

    Attributes:
        common, common_at_start, known: English words, the more frequent first.
        everyday: words that are ordinary even where a name is spelled alike.
        stop: the most frequent words.
        given: English given names.
        names: given and family names of many countries, without everyday words.
        places: words of country, state, county and city names, without everyday words.
    """

    common: frozenset[str]
    common_at_start: frozenset[str]
    known: frozenset[str]
    everyday: frozenset[str]
    stop: frozenset[str]
    given: frozenset[str]
    names: frozenset[str]
    places: frozenset[str]


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Read the lists, once per process (about a second)."""
    from wordfreq import top_n_list  # noqa: PLC0415 (definitions load without it)

    ranked = [w for w in top_n_list("en", _KNOWN) if w.isalpha()]
    english = {w for locale in _ENGLISH for w in _words("person", locale, _NAME_FIELDS)}
    everyday = NAMES_AND_WORDS | _lorem() | (set(top_n_list("en", _BASIC)) - english)
    given = {w for locale in _ENGLISH for w in _words("person", locale, _FIRST_FIELDS)}
    everyone = {w for locale in _locales("person") for w in _words("person", locale, _NAME_FIELDS)}
    places = {w for locale in (*_ENGLISH, "en_AU", "en_CA") for w in _words("address", locale, _PLACE_FIELDS)} | _cities()
    return Vocabulary(
        common=frozenset(ranked[:_COMMON]),
        common_at_start=frozenset(ranked[:_COMMON_AT_START]),
        known=frozenset(ranked),
        everyday=frozenset(everyday),
        stop=frozenset(ranked[:_STOP]),
        given=frozenset(given),
        names=frozenset(everyone - everyday),
        places=frozenset(places - everyday - GEOGRAPHY),
    )


def _locales(provider: str) -> list[str]:
    package = import_module(f"faker.providers.{provider}")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__))


def _words(provider: str, locale: str, fields: tuple[str, ...]) -> set[str]:
    """Lower-case Latin words of the lists of a locale; a locale without the list has none."""
    try:
        lists: Any = import_module(f"faker.providers.{provider}.{locale}").Provider
    except ModuleNotFoundError:
        return set()
    entries = [e for f in fields if isinstance(found := getattr(lists, f, None), (list, tuple, dict, set)) for e in found]
    texts = (e[0] if isinstance(e, tuple) else e for e in entries)
    return {w for text in texts for w in _split(str(text))}


def _split(text: str) -> list[str]:
    words = text.lower().replace("-", " ").replace("_", " ").replace("/", " ").split()
    return [w for w in words if len(w) > 1 and w.isalpha() and "LATIN" in unicodedata.name(w[0], "")]


def _lorem() -> set[str]:
    return set(import_module("faker.providers.lorem.en_US").Provider.word_list)


def _cities() -> set[str]:
    return {w for zone in available_timezones() if "/" in zone and not zone.startswith("Etc") for w in _split(zone.rsplit("/", 1)[-1])}
