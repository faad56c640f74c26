"""Field maps: paths, templates, roles, times; nothing is guessed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.sources.field_map import look_up, map_fields
from liveeval_assets.sources.moments import moment, ruled_moment

RECORD = {"a": {"b": [{"c": "deep"}, {"c": 0}]}, "task": 7, "trial": 2, "dotted.key": "x", "none": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.0.c", "deep"),
        ("a.b.1.c", 0),
        ("a.b.2.c", None),
        ("a.b.x", None),
        ("a.missing.c", None),
        ("task.c", None),
        ("{task}-{trial}", "7-2"),
        ("run {a.b.0.c}", "run deep"),
        ("{task}-{missing}", None),
        ("{task}-{none}", None),
    ],
)
def test_a_path_finds_its_value_or_none(path: str, value: Any) -> None:
    assert look_up(RECORD, path) == value


def _fields(**given: Any) -> FieldMap:
    return FieldMap.model_validate({"fields": {}, **given})


def test_defaults_fill_what_the_record_lacks_and_only_that() -> None:
    fields = _fields(fields={"release": "model", "name": "kind"}, defaults={"release": "r1", "name": "rating"})
    assert map_fields({"model": "r2", "kind": None}, fields) == {"release": "r2", "name": "rating"}


def test_a_field_that_nothing_reads_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValidationError, match=r"no such field: outcome; there are id, .*started_at"):
        _fields(fields={"id": "id", "outcome": "rating"})


def test_messages_are_found_by_their_own_paths_and_roles_are_translated() -> None:
    fields = _fields(fields={"messages": "turns", "messages.role": "who.kind", "messages.text": "said"}, roles={"bot": "assistant", "human": "user"})
    turns = [{"who": {"kind": "human"}, "said": "hi"}, {"who": {"kind": "bot"}, "said": "hello"}, {"who": {"kind": "robot"}, "said": "beep"}]
    messages = map_fields({"turns": turns}, fields)["messages"]
    assert [(m["role"], m["text"]) for m in messages] == [("user", "hi"), ("assistant", "hello"), ("robot", "beep")]


def test_tool_calls_become_one_json_text_and_an_absent_text_beside_them_is_empty() -> None:
    calls = [{"function": {"name": "look", "arguments": '{"x": 1}'}}]
    with_calls, without = map_fields(
        {"messages": [{"role": "assistant", "content": None, "tool_calls": calls}, {"role": "assistant", "content": None}]},
        _fields(fields={"messages": "messages"}),
    )["messages"]
    assert json.loads(with_calls["tool_calls"]) == calls
    assert with_calls["text"] == ""
    assert without["text"] is None  # nothing was said: the record is refused, not mended


def test_a_message_that_is_no_object_has_no_role() -> None:
    assert map_fields({"messages": ["hi"]}, _fields(fields={"messages": "messages"}))["messages"][0]["role"] is None


UTC_TEN = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "given", "wanted"),
    [
        ("2026-06-01T10:00:00Z", {}, UTC_TEN),
        ("2026-06-01T12:00:00+02:00", {}, UTC_TEN),
        ("2026-06-01T10:00:00", {}, None),  # no zone, and nothing says which
        ("2026-06-01", {}, None),
        ("2026-06-01 12:00:00", {"time_format": "%Y-%m-%d %H:%M:%S", "timezone": "Europe/Vienna"}, UTC_TEN),
        ("2026-06-01 10:00:00", {"time_format": "%Y-%m-%d %H:%M:%S"}, UTC_TEN),
        ("2026-06-01 10:00:00.000", {"time_format": "iso"}, UTC_TEN),
        ("2026-06-01 10:00:00", {"time_format": "iso"}, UTC_TEN),
        ("01.06.2026", {"time_format": "%Y-%m-%d"}, None),
        (1780308000, {"time_format": "epoch_s"}, UTC_TEN),
        (1780308000000, {"time_format": "epoch_ms"}, UTC_TEN),
        ("1780308000000000000", {"time_format": "epoch_ns"}, UTC_TEN),
        (1780308000, {}, None),  # a number alone does not say its unit
        (True, {"time_format": "epoch_s"}, None),
        (10**30, {"time_format": "epoch_s"}, None),
        ("9999-12-31T23:59:59-05:00", {}, None),  # beyond the last year that has a UTC moment
        ("0001-01-01T00:00:00+05:00", {}, None),
        ("yesterday", {}, None),
        (None, {}, None),
    ],
)
def test_a_moment_is_read_as_declared_or_not_at_all(value: Any, given: dict[str, str], wanted: datetime | None) -> None:
    assert moment(value, _fields(**given)) == wanted


def test_an_unknown_zone_is_a_settings_error() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        _fields(timezone="Mars/Olympus")


@pytest.mark.parametrize(
    ("number", "week"), [(0, date(2026, 6, 1)), (3, date(2026, 6, 22)), ("2", date(2026, 6, 15)), (-1, None), (1.5, None), (True, None), (None, None)]
)
def test_week_by_counts_weeks_from_the_first(number: Any, week: date | None) -> None:
    source = FileSource(name="s", files="*", map=_fields(), week_by="trial")
    found = ruled_moment({"trial": number}, source, date(2026, 6, 1), 42)
    assert (found.date() if found else None) == week


def test_week_by_keeps_the_order_of_lines_within_the_week_however_long_the_file_is() -> None:
    source = FileSource(name="s", files="*", map=_fields(), week_by="trial")
    first, second, last = (ruled_moment({"trial": 0}, source, date(2026, 6, 1), line) for line in (1, 2, 10_000_000))
    assert first is not None
    assert second is not None
    assert last is not None
    assert first < second
    assert last < datetime(2026, 6, 8, tzinfo=UTC)
