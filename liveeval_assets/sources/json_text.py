"""JSON that can be trusted: no text makes it slow, deep, ambiguous or unstorable."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# possessive, so that an unterminated string costs one pass
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
_MAX_DIGITS = 400


class Refused(ValueError):
    """A text that is no JSON of ours; `reason` says why, without repeating any of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_json(text: str, max_depth: int) -> Any:
    """The value of a JSON text.

    Raises:
        Refused: too_deep; not_json; bad_value (a key twice, NaN or infinity, an integer of hundreds of digits);
            not_utf8 (half of a surrogate pair, which no UTF-8 column can hold).
    """
    if is_too_deep(text, max_depth):
        raise Refused("too_deep")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=_number)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except Refused:
        raise
    except UnicodeEncodeError:
        raise Refused("not_utf8") from None
    except (ValueError, RecursionError):
        raise Refused("not_json") from None
    return value


def is_too_deep(text: str, limit: int) -> bool:
    """Whether brackets outside strings nest deeper than the limit."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in ("[", "{"):
            depth += 1
            if depth > limit:
                return True
        elif token in ("]", "}"):
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are unique: the last of two values must not win in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("bad_value")
    return found


def _constant(_: str) -> float:
    raise Refused("bad_value")


def _number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise Refused("bad_value")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Refused("bad_value")
    return int(digits)
