"""JSON documents: one per line, or one over the whole file; bad ones are refused, good ones beside them are kept."""

from __future__ import annotations

import io
import json

import pytest

from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.documents import read_documents

SMALL = Caps(max_bytes=200, max_depth=5)


def _read(raw: bytes, only: set[int] | None = None) -> list[Record]:
    return list(read_documents(io.BytesIO(raw), "f.json", SMALL, only))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_one_object_is_one_document_however_it_is_laid_out(indent: int | None, mark: bytes) -> None:
    value = {"a": [{"b": 1}]}
    assert [(r.line, r.value) for r in _read(mark + json.dumps(value, indent=indent).encode())] == [(1, value)]


def test_lines_are_documents_and_a_bad_one_does_not_hide_its_neighbours() -> None:
    found = _read(b'{"a": 1}\n{"a": \n\n{"a": 3}\n')
    assert [(r.line, r.value, r.reason) for r in found] == [(1, {"a": 1}, None), (2, None, "not_json"), (4, {"a": 3}, None)]


def test_a_list_over_the_whole_file_is_a_document_each() -> None:
    raw = b'[\n{"a": 1},\n7,\n{"a": 3}]'
    assert [(r.line, r.value, r.reason) for r in _read(raw)] == [(1, {"a": 1}, None), (2, None, "not_json"), (3, {"a": 3}, None)]
    assert [r.value for r in _read(raw, {3})] == [{"a": 3}]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{\n", "not_json"),
        (b'{\n"a": "\xff"}', "not_utf8"),
        (b'{\n"a": "\\ud800"}', "not_utf8"),
        (b'{\n"a": NaN}', "bad_value"),
        (b'{\n"a": [[[[[1]]]]]}', "too_deep"),
        (b"[" * 150, "too_deep"),
        (b'{\n"a": "' + b"x" * 200 + b'"}', "too_long"),
    ],
)
def test_a_bad_document_is_refused_with_its_reason(raw: bytes, reason: str) -> None:
    assert [(r.line, r.value, r.reason) for r in _read(raw)] == [(1, None, reason)]


def test_an_empty_file_has_no_documents() -> None:
    assert _read(b"") == _read(b"\n \n") == []
