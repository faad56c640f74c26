"""Files of JSON documents: one object per line, or one object, or a list of objects, over the whole file."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import IO, Any, cast

from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.json_text import Refused, parse_json
from liveeval_assets.sources.jsonl import content_digest, raw_digest, read_jsonl

_OPENING = 64


def read_documents(file: IO[bytes], name: str, caps: Caps, only: Collection[int] | None = None) -> Iterator[Record]:
    """Yield every document as a record under its line, or its place in the list; never raises for what a file holds.

    Args:
        caps: of a line; of the whole file where it is one document.
        only: numbers that are wanted; None wants all.
    """
    # a packed file cannot be wound back
    file = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", file))
    opening = file.peek(_OPENING)[:_OPENING].removeprefix(b"\xef\xbb\xbf").lstrip()
    if opening.startswith(b"[") or opening.split(b"\n", 1)[0].strip() == b"{":
        yield from (record for record in _whole(file, name, caps) if only is None or record.line in only)
    else:
        yield from read_jsonl(file, name, caps, only)


def _whole(file: IO[bytes], name: str, caps: Caps) -> Iterator[Record]:
    raw = file.read(caps.max_bytes + 1)
    if len(raw) > caps.max_bytes:
        yield Record(name, 1, len(raw), raw_digest(raw), None, "too_long")
        return
    try:
        value = parse_json(raw.decode("utf-8-sig"), caps.max_depth)
    except UnicodeDecodeError:
        yield Record(name, 1, len(raw), raw_digest(raw), None, "not_utf8")
    except Refused as refusal:
        yield Record(name, 1, len(raw), raw_digest(raw), None, refusal.reason)
    else:
        for number, item in enumerate(value if isinstance(value, list) else [value], 1):
            yield _record(item, name, number, len(raw))


def _record(item: Any, name: str, number: int, n_bytes: int) -> Record:
    if not isinstance(item, dict):
        return Record(name, number, n_bytes, raw_digest(str(type(item)).encode()), None, "not_json")
    return Record(name, number, n_bytes, content_digest(item), item)
