"""OTLP/JSON values: attributes in their typed wrapping, ids in hexadecimal or base64, times in nanoseconds.

Source: opentelemetry-proto, common.proto (AnyValue) and the JSON Protobuf encoding of OTLP.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from liveeval_assets.sources.spans import epoch_moment

_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_PLAIN = ("stringValue", "string_value", "boolValue", "bool_value", "doubleValue", "double_value", "bytesValue", "bytes_value")
_MOST_NESTED = 40


def any_value(value: Any, depth: int = 0) -> Any:
    """The value inside an AnyValue; None for what is none."""
    if not isinstance(value, dict) or depth > _MOST_NESTED:
        return None
    for key in _PLAIN:
        if key in value:
            return value[key]
    if "intValue" in value or "int_value" in value:
        return _integer(value.get("intValue", value.get("int_value")))
    listed = value.get("arrayValue", value.get("array_value"))
    if isinstance(listed, dict):
        return [any_value(item, depth + 1) for item in _list(listed, "values")]
    pairs = value.get("kvlistValue", value.get("kvlist_value"))
    return attributes_of(pairs.get("values"), depth + 1) if isinstance(pairs, dict) else None


def attributes_of(pairs: Any, depth: int = 0) -> dict[str, Any]:
    """Attributes as a plain object."""
    found = pairs if isinstance(pairs, list) else []
    return {pair["key"]: any_value(pair.get("value"), depth) for pair in found if isinstance(pair, dict) and isinstance(pair.get("key"), str)}


def own_id(value: Any, n_bytes: int) -> str | None:
    """A trace id (16 bytes) or span id (8 bytes) in lower-case hexadecimal; None for an id of zeros, which means none.

    OTLP writes hexadecimal; the general JSON encoding of Protobuf, which some exporters use, writes base64.
    """
    if not isinstance(value, str):
        return None
    if len(value) == 2 * n_bytes and _HEX.match(value):
        found = value.lower()
    else:
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return None
        found = raw.hex() if len(raw) == n_bytes else ""
    return found if found.strip("0") else None


def nano_moment(value: Any) -> datetime | None:
    """The moment of nanoseconds since 1970."""
    return epoch_moment(value, 1_000_000_000)


def scoped(document: dict[str, Any], signal: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(attributes of the resource, item) for every span or log record of a document.

    Args:
        signal: `spans` or `logs`.
    """
    holder, scope, items = ("resourceSpans", "scopeSpans", "spans") if signal == "spans" else ("resourceLogs", "scopeLogs", "logRecords")
    for resource in _list(document, holder):
        told = resource.get("resource")
        attributes = attributes_of(told.get("attributes")) if isinstance(told, dict) else {}
        for group in (*_list(resource, scope), *_list(resource, "instrumentationLibrarySpans")):
            yield from ((attributes, item) for item in _list(group, items) if isinstance(item, dict))


def field_of(item: dict[str, Any], key: str) -> Any:
    """A field by its name in camel case, or as Protobuf spells it."""
    return item.get(key, item.get(re.sub(r"([A-Z])", lambda m: "_" + str(m[1]).lower(), key)))


def _list(item: dict[str, Any], key: str) -> list[Any]:
    found = field_of(item, key)
    return [inner for inner in found if isinstance(inner, dict)] if isinstance(found, list) else []


def _integer(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    is_text = isinstance(value, str) and value.isascii() and value.removeprefix("-").isdecimal() and len(value) <= 20
    return int(value) if is_text else None
