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

# English given or family names that are ordinary words as well
_BOTH = frozenset(
    """
    will good way may day best love long little house ever case read power small white job less general black law story hope early young hand guy
    true else friend north low short reason red major media art west son street baby chance clear field price summer strong english star weeks king
    park church press worth bill fall green key page council mark ball wall rock brown cross miles fair link justice author judge lady sister brain
    cash spring sunday rich doctor gay captain carry male winter block wood bridge queen glass royal fresh smart faith hill rose ring silver stone
    roll unique lucky boss guard mountain tea victory sky governor beer forest moon powers banks golden grant lawyer snow storm cook journey urban
    flowers bird minor orange tiny bright wing fields bell bond branch heaven lane grace joy rice sing princess unknown pink cap fed fee wise junior
    marks grey bush hunt rush sharp harm hills wash angel charity duke gray gross math waters woods chase diamond saint crystal marry ward pace pope
    hook hunter doc fate wolf bull flood liberty reader fleet foster parks precious priest robin bones eve dare gates rivers toy candy clay bass con
    knight dawn oral brick autumn mercy wells burns divine noble mills cruise holder hood hung skip loyal patience villa destiny sandy trace metro
    cherry shine treasure marvel swift sunshine farmer shade rocky horn pearl pepper rod easter ham miracle ridge ace drum harmony silk ally booth
    bridges cam cliff lemon bee olive butler fairy beard freely penny petty elder hull doll chambers savage stack echo essence kidney arch cannon
    ferry fisher gauge lamb buck admiral stark infant bean berry amber porter handy canyon curry kitty sage tab cousins frost lily wade grove downs
    ginger hay lone champ shepherd trinity fry baron holly karma graves marsh marshal shields coral hardy genesis ivory jade melody barber carpenter
    archer venus rails raven gamble merry convey violet sellers sincere mat woody monk crane bliss daisy flint herb herd valentine velvet sparks
    swords butcher summers heath iris brook steer funk creed blaze cinnamon mart dove dusty jewel piper pike ransom willow earnest hare manly spears
    scarlet gill laurel lyric emerald meadow meadows barker weaver poppy miner orchard rosemary unnamed windy icy booker brewer cherish almond weir
    birch skinner finch hazel basil stout prosper boon bunk fielding herring buster mercer bowler misty roach riddle steward marquis peacock pleas
    gorge diver bender stormy brandy deacon hearty hasty leafy serenity gunner glover hooper levy mace chip don van ray jet ash sue pat
    march april june august january february july september october november december monday tuesday wednesday thursday friday saturday
    """.split()
)
MONTHS_AND_DAYS = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday".split()
)
# words of place names that are ordinary by themselves
_GEOGRAPHY = frozenset(
    """
    acre au bay borders broken cape casey christmas continental costa creek eastern el es federation fort goose grand grande greater guinea harbour ho
    holy island islands isle jan kingdom los lord northern northwest nova nsw ocean pacific pole port prince republic reunion river rio sandwich southern
    territories territory thunder turkey wake western virgin center central people peoples democratic united states state union easter san santa sierra st
    independent tree swift current rainy bow creek mountain general knox center isla troll palmer davis macquarie
    """.split()
)


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
    from wordfreq import top_n_list

    ranked = [w for w in top_n_list("en", _KNOWN) if w.isalpha()]
    english = {w for locale in _ENGLISH for w in _words("person", locale, _NAME_FIELDS)}
    everyday = _BOTH | _lorem() | (set(top_n_list("en", _BASIC)) - english)
    given = {w for locale in _ENGLISH for w in _words("person", locale, _FIRST_FIELDS)}
    everyone = {w for locale in _locales("person") for w in _words("person", locale, _NAME_FIELDS)}
    places = {w for locale in _ENGLISH + ("en_AU", "en_CA") for w in _words("address", locale, _PLACE_FIELDS)} | _cities()
    return Vocabulary(
        common=frozenset(ranked[:_COMMON]),
        common_at_start=frozenset(ranked[:_COMMON_AT_START]),
        known=frozenset(ranked),
        everyday=frozenset(everyday),
        stop=frozenset(ranked[:_STOP]),
        given=frozenset(given),
        names=frozenset(everyone - everyday),
        places=frozenset(places - everyday - _GEOGRAPHY),
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
    from zoneinfo import available_timezones

    return {w for zone in available_timezones() if "/" in zone and not zone.startswith("Etc") for w in _split(zone.rsplit("/", 1)[-1])}
