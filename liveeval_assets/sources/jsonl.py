"""JSON lines: split on newlines alone, each line held by caps before it is parsed, and refused with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from typing import IO, Any

import orjson

from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.json_text import Refused, parse_json

_SKIP_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"


def read_jsonl(file: IO[bytes], name: str, caps: Caps, only: Collection[int] | None = None) -> Iterator[Record]:
    """Yield every non-blank line as a record; never raises for what a line holds.

    Args:
        only: line numbers that are wanted; the others are passed over unparsed. None wants all.
    """
    number = 0
    while raw := file.readline(caps.max_bytes + 2):
        number += 1
        n_bytes = len(raw)
        if n_bytes > caps.max_bytes and not raw.endswith(b"\n"):
            n_bytes += skip_line(file)
        if only is not None and number not in only:
            continue
        if n_bytes - raw.endswith(b"\n") > caps.max_bytes:
            yield Record(name, number, n_bytes, raw_digest(raw), None, "too_long")
        elif raw.strip() not in (b"", _MARK):
            yield _parse(raw, name, number, caps)


def skip_line(file: IO[bytes]) -> int:
    """Pass over the rest of an overlong line in bounded memory; returns its bytes."""
    skipped = 0
    while chunk := file.readline(_SKIP_BYTES):
        skipped += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return skipped


def raw_digest(raw: bytes) -> str:
    """Hash of bytes that could not be read."""
    return hashlib.sha256(raw.strip()).hexdigest()[:32]


def content_digest(value: dict[str, Any]) -> str:
    """Hash of a record's content: spaces, the order of keys and a byte order mark do not belong to it."""
    try:
        canonical = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        canonical = json.dumps(value, sort_keys=True, default=str).encode()
    return hashlib.sha256(canonical).hexdigest()[:32]


def _parse(raw: bytes, name: str, number: int, caps: Caps) -> Record:
    try:
        value = parse_json(raw.decode("utf-8-sig"), caps.max_depth)
    except UnicodeDecodeError:
        return Record(name, number, len(raw), raw_digest(raw), None, "not_utf8")
    except Refused as refusal:
        return Record(name, number, len(raw), raw_digest(raw), None, refusal.reason)
    if not isinstance(value, dict):
        return Record(name, number, len(raw), raw_digest(raw), None, "not_json")
    return Record(name, number, len(raw), content_digest(value), value)
