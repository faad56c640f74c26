"""Pattern recognisers of Presidio: e-mail, card, IBAN, phone and the like, called one by one without a language model.

A recogniser runs only where a character that each of its hits must contain is present; text is fed in overlapping
chunks, because the patterns are quadratic in the worst case. Nothing here touches the network: Presidio's e-mail check
against a downloaded suffix list is replaced by accepting every address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import Any

from liveeval_assets.samples.masks import mask, outside_masks
from liveeval_assets.shared.errors import LiveEvalError

VERSION = f"presidio-analyzer {metadata.version('presidio-analyzer')}"
CHUNK = 2_000  # characters given to a recogniser at once
OVERLAP = 200  # characters that neighbouring chunks share; a longer hit without white space is masked whole before
_MIN_SCORE = 0.3  # patterns that are weaker need context words around them; digits are masked by another layer

# Presidio's own URL pattern is quadratic in chains such as "a.a.a."; bare hosts count only with a usual suffix, since
# a missing space after a full stop ("thanks.it works") looks like a host as well
_SUFFIXES = "com|net|org|edu|gov|mil|int|info|biz|io|co|ai|app|dev|eu|us|uk|ca|au|de|fr|es|nl|ch|se|pl|br|jp|cn|ru|nz|ie|za"
_URL = re.compile(
    rf"(?<![\w@])(?:https?://\S{{1,{OVERLAP}}}|www\d?\.\S{{1,{OVERLAP}}}"
    rf"|(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,4}}(?:{_SUFFIXES})(?![\w-])(?:[/?#]\S{{0,{OVERLAP}}})?)",
    re.IGNORECASE,
)


class DetectorError(LiveEvalError):
    """A detector gave up on a text, so the text must not pass."""


@dataclass(frozen=True)
class _Gated:
    """A recogniser, the mask of its hits, and a cheap test that every text with a hit passes."""

    recogniser: Any
    mask: str
    may_hit: Callable[[str], bool]


def mask_patterns(text: str) -> tuple[str, int]:
    """The text with every pattern masked, and the number of masks.

    Raises:
        DetectorError: a recogniser stopped before the end of the text.
    """
    pieces = []
    n_masks = 0
    for piece, is_mask in outside_masks(text):
        found, n = (piece, 0) if is_mask else _mask_piece(piece)
        pieces.append(found)
        n_masks += n
    return "".join(pieces), n_masks


def _mask_piece(text: str) -> tuple[str, int]:
    spans = sorted({span for start, part in _chunks(text) for span in _spans(part, start)}, key=lambda s: (s[0], -s[1]))
    out, end, n = [], 0, 0
    for start, stop, label in spans:
        if start >= end:
            out += [text[end:start], mask(label)]
            end, n = stop, n + 1
        elif stop > end:
            # the overhang of a partly covered hit belongs to the mask before it
            end = stop
    return "".join([*out, text[end:]]), n


def _spans(text: str, offset: int) -> Iterator[tuple[int, int, str]]:
    if "." in text:
        yield from ((hit.start() + offset, hit.end() + offset, "URL") for hit in _URL.finditer(text))
    for gated in _recognisers():
        if gated.may_hit(text):
            for hit in gated.recogniser.analyze(text, gated.recogniser.supported_entities, None):
                if hit.score >= _MIN_SCORE:
                    yield hit.start + offset, hit.end + offset, gated.mask


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    while True:
        yield start, text[start : start + CHUNK]
        if start + CHUNK >= len(text):
            return
        start += CHUNK - OVERLAP


def _digits(n: int) -> Callable[[str], bool]:
    return lambda text: sum(map(text.count, "0123456789")) >= n


@lru_cache(maxsize=1)
def _recognisers() -> tuple[_Gated, ...]:
    """Loaded when first used: importing Presidio takes seconds."""
    from presidio_analyzer import predefined_recognizers as known  # noqa: PLC0415 (see above)

    logging.getLogger("presidio-analyzer").addFilter(_refuse_timeouts)
    email = known.EmailRecognizer()
    setattr(email, "validate_result", _accept)  # noqa: B010 (a method of one object, not of the class)
    return (
        _Gated(email, "EMAIL", lambda text: "@" in text),
        _Gated(known.IbanRecognizer(), "IBAN", _digits(2)),
        _Gated(known.CreditCardRecognizer(), "CARD", _digits(12)),
        _Gated(known.UsSsnRecognizer(), "SSN", _digits(9)),
        _Gated(known.PhoneRecognizer(), "PHONE", _digits(5)),
        _Gated(known.IpRecognizer(), "IP", lambda text: "." in text or ":" in text),
        _Gated(known.MacAddressRecognizer(), "ID", lambda text: ":" in text or "-" in text or "." in text),
        _Gated(known.CryptoRecognizer(), "WALLET", _digits(1)),
    )


def _accept(_found: str) -> bool:
    """Every address counts, whatever its top-level domain; the list of domains would have to be downloaded."""
    return True


def _refuse_timeouts(record: logging.LogRecord) -> bool:
    """Presidio skips a pattern that takes too long and goes on; skipping is a failure here."""
    if "timed out" in str(record.msg):
        raise DetectorError("a personal-data pattern timed out; the conversation is refused")
    return False
