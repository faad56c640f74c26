"""OTLP/JSON documents built from plain values."""

from __future__ import annotations

from typing import Any

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
START = 1_780_000_000_000_000_000
Events = list[tuple[str, dict[str, Any]]]


def any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(v) for v in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": pairs(value)}}
    return {"stringValue": value}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def span(name: str, attributes: dict[str, Any], *, span_id: str = SPAN, parent: str = "", at: int = 0, events: Events | None = None) -> dict[str, Any]:
    """A span that begins `at` seconds after the start and takes half a second."""
    began = START + at * 1_000_000_000
    told = [{"name": n, "timeUnixNano": str(began), "attributes": pairs(a)} for n, a in events or []]
    times = {"startTimeUnixNano": str(began), "endTimeUnixNano": str(began + 500_000_000)}
    return {"traceId": TRACE, "spanId": span_id, "parentSpanId": parent, "name": name, **times, "attributes": pairs(attributes), "events": told}


def document(name: str, attributes: dict[str, Any], *, events: Events | None = None) -> dict[str, Any]:
    return spans_document([span(name, attributes, events=events)])


def spans_document(spans: list[dict[str, Any]], **resource: Any) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {"attributes": pairs(resource)}, "scopeSpans": [{"scope": {}, "spans": spans}]}]}


def log_document(name: str, attributes: dict[str, Any], body: Any = None, *, span_id: str = SPAN) -> dict[str, Any]:
    record = {"timeUnixNano": str(START), "traceId": TRACE, "spanId": span_id, "attributes": pairs({"event.name": name, **attributes})}
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [record | ({} if body is None else {"body": any_value(body)})]}]}]}
