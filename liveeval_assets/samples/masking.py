"""All layers over one text, in order; what cannot be searched whole is refused, never passed on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from liveeval_assets.samples import allow_list, patterns, vocabulary
from liveeval_assets.samples.entities import entity_pattern, mask_entities
from liveeval_assets.samples.masks import mask
from liveeval_assets.samples.normalise import normalise

MAX_TEXT = 50_000  # characters; the detectors' cost grows faster than the text
_LONG = re.compile(rf"\S{{{patterns.OVERLAP + 1},}}")  # cannot be cut into overlapping chunks
_CACHE = 50_000  # texts; product answers repeat
_NUMBER_DIGITS = 3  # a JSON number with at least this many digits is masked


class TextTooLongError(ValueError):
    """A text is longer than the detectors may be given."""


class Masker:
    """The configured layers with the state that one batch shares."""

    def __init__(self, layers: Sequence[str]) -> None:
        self._layers = tuple(layers)
        self._words = vocabulary.load_vocabulary() if {"allow_list", "known_entities"} & set(layers) else None
        self._seen: dict[str, tuple[str, int]] = {}

    def known(self, entities: Iterable[str]) -> re.Pattern[str] | None:
        """What is looked for by name in one conversation."""
        if "known_entities" not in self._layers or self._words is None:
            return None
        return entity_pattern(entities, self._words.everyday - self._words.given)

    def text(self, text: str | None, known: re.Pattern[str] | None) -> tuple[str, int]:
        """The text without personal data, and the number of masks.

        Raises:
            TextTooLongError: the text is over the cap.
            DetectorError: a pattern was not searched to the end.
        """
        if not text:
            return "", 0
        if len(text) > MAX_TEXT:
            raise TextTooLongError
        found, n_long = _LONG.subn(mask("LONG"), normalise(text))
        found, n_known = mask_entities(found, known)
        found, n_unknown = self._unknown(found)
        return found, n_long + n_known + n_unknown

    def tool_calls(self, text: str | None, known: re.Pattern[str] | None) -> tuple[str | None, int]:
        """Tool calls with every string, key and long number masked; stays JSON where it was."""
        if not text:
            return text, 0
        if len(text) > MAX_TEXT:
            raise TextTooLongError
        try:
            value = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            return self.text(text, known)
        value, n = self._json(value, known)
        return json.dumps(value, ensure_ascii=False, sort_keys=True), n

    def _unknown(self, text: str) -> tuple[str, int]:
        if text not in self._seen:
            if len(self._seen) >= _CACHE:
                self._seen.clear()
            found, n = text, 0
            if "patterns" in self._layers:
                found, n = patterns.mask_patterns(found)
            if "allow_list" in self._layers and self._words is not None:
                found, more = allow_list.mask_unlisted(found, self._words)
                n += more
            self._seen[text] = found, n
        return self._seen[text]

    def _json(self, value: Any, known: re.Pattern[str] | None) -> tuple[Any, int]:
        if isinstance(value, str):
            return self.text(value, known)
        if isinstance(value, dict):
            pairs = [(*self._key(k, known), *self._json(v, known)) for k, v in value.items()]
            return {key: v for key, _, v, _ in pairs}, sum(n + m for _, n, _, m in pairs)
        if isinstance(value, list):
            found = [self._json(v, known) for v in value]
            return [v for v, _ in found], sum(n for _, n in found)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and sum(c.isdigit() for c in str(value)) >= _NUMBER_DIGITS:
            return mask("NUMBER"), 1
        return value, 0

    def _key(self, key: str, known: re.Pattern[str] | None) -> tuple[str, int]:
        """Field names such as `order_id` are the program's words; anything else is text."""
        return (key, 0) if re.fullmatch(r"[a-z][a-zA-Z_]{0,40}", key) and (known is None or not known.search(key)) else self.text(key, known)


def profile(layers: Sequence[str]) -> str:
    """Layers with the versions of what they are made of."""
    versions = {"known_entities": "1", "patterns": patterns.VERSION, "allow_list": vocabulary.VERSION}
    return "; ".join(["normalise 1", *(f"{layer} ({versions[layer]})" for layer in layers)])
