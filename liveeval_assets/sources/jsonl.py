"""JSON lines: split on newlines alone, each line held by caps before it is parsed, and refused with a reason."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from liveeval_assets.shared.records import Caps, Record

_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]')
_MAX_DIGITS = 400
_SKIP_BYTES = 1 << 20


class _Refused(ValueError):
    """A value that JSON allows and we do not; carries the reason."""


def read_jsonl(file: IO[bytes], name: str, caps: Caps) -> Iterator[Record]:
    """Yield every non-blank line as a record; never raises for what a line holds."""
    number = 0
    while raw := file.readline(caps.max_bytes + 2):
        number += 1
        n_bytes = len(raw)
        if n_bytes > caps.max_bytes and not raw.endswith(b"\n"):
            n_bytes += _skip_line(file)
        if n_bytes > caps.max_bytes + 1:
            yield Record(name, number, n_bytes, hashlib.sha256(raw).hexdigest(), None, "too_long")
        elif raw.strip():
            yield _parse(raw, name, number, caps)


def _skip_line(file: IO[bytes]) -> int:
    """Pass over the rest of an overlong line in bounded memory."""
    skipped = 0
    while chunk := file.readline(_SKIP_BYTES):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped


def _parse(raw: bytes, name: str, number: int, caps: Caps) -> Record:
    digest = hashlib.sha256(raw.strip()).hexdigest()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Record(name, number, len(raw), digest, None, "not_utf8")
    if _is_too_deep(text, caps.max_depth):
        return Record(name, number, len(raw), digest, None, "too_deep")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_integer)
        # an escaped lone surrogate passes JSON but no UTF-8 column
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except _Refused:
        return Record(name, number, len(raw), digest, None, "bad_value")
    except UnicodeEncodeError:
        return Record(name, number, len(raw), digest, None, "not_utf8")
    except (ValueError, RecursionError):
        return Record(name, number, len(raw), digest, None, "not_json")
    if not isinstance(value, dict):
        return Record(name, number, len(raw), digest, None, "not_json")
    return Record(name, number, len(raw), digest, value)


def _is_too_deep(text: str, limit: int) -> bool:
    """Nesting beyond the limit; brackets inside strings do not count."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for match in _STRUCTURE.finditer(text):
        token = match.group()
        if token in "[{":
            depth += 1
            if depth > limit:
                return True
        elif token in "]}":
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are unique: the last of two values must not win in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("duplicate key")
    return found


def _refuse(constant: str) -> float:
    raise _Refused(constant)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise _Refused("integer too long")
    return int(digits)
