"""JSON lines: every line becomes a record or a reason; good lines beside bad ones are kept."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.files import read_file
from liveeval_assets.sources.jsonl import read_jsonl

SMALL = Caps(max_bytes=200, max_depth=5)


def _read(raw: bytes, caps: Caps = SMALL) -> list[Record]:
    return list(read_jsonl(io.BytesIO(raw), "f.jsonl", caps))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "1"', "not_json"),
        (b"[1, 2]", "not_json"),
        (b'"text"', "not_json"),
        (b'{"id": "1"} {"id": "2"}', "not_json"),
        (b'{"id": "a\x00b"}', "not_json"),  # a raw control character
        (b'{"id": "\xff\xfe"}', "not_utf8"),
        (b'{"id": "\xed\xa0\x80"}', "not_utf8"),  # half of a surrogate pair in bytes
        (b'{"id": "\\ud800"}', "not_utf8"),  # and escaped
        (b'{"\\udfff": 1}', "not_utf8"),
        (b'{"n": NaN}', "bad_value"),
        (b'{"n": -Infinity}', "bad_value"),
        (b'{"n": 1e999}', "bad_value"),
        (b'{"id": 1, "id": 2}', "bad_value"),
        (b'{"a": {"x": 1, "x": 1}}', "bad_value"),
        (b'{"a": [[[[[1]]]]]}', "too_deep"),
        (b'{"a": "' + b"x" * 200 + b'"}', "too_long"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_its_neighbours_are_kept(line: bytes, reason: str) -> None:
    records = _read(b'{"id": "before"}\n' + line + b'\n{"id": "after"}\n')
    assert [(r.line, r.reason, r.value and r.value["id"]) for r in records] == [(1, None, "before"), (2, reason, None), (3, None, "after")]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'\xef\xbb\xbf{"id": 1}', {"id": 1}),
        (b'{"id": 1}\r', {"id": 1}),
        (b'  {"id": 1}\t', {"id": 1}),
        ('{"t": "a\u2028b\u2029c\u0085d"}'.encode(), {"t": "a\u2028b\u2029c\u0085d"}),  # line breaks to str.splitlines alone
        (b'{"t": "\\ud83d\\ude00"}', {"t": "\U0001f600"}),  # a whole pair
        (b'{"t": "[[[[[[[["}', {"t": "[[[[[[[["}),  # brackets in a text are not depth
        (b'{"t": "\\"[[[[[[[[", "u": 1}', {"t": '"[[[[[[[[', "u": 1}),
        (b'{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
    ],
)
def test_odd_but_good_lines_are_read(line: bytes, value: dict[str, object]) -> None:
    assert [r.value for r in _read(line + b"\n")] == [value]


def test_an_integer_of_thousands_of_digits_is_refused() -> None:
    assert [r.reason for r in _read(b'{"n": ' + b"9" * 5000 + b"}", Caps())] == ["bad_value"]


def test_blank_lines_count_as_lines_not_as_records() -> None:
    assert [r.line for r in _read(b'\n\n{"id": 1}\n \r\n{"id": 2}')] == [3, 5]


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_the_cap_is_exact(ending: bytes) -> None:
    room = SMALL.max_bytes - len(b'{"t": ""}')
    assert [r.reason for r in _read(b'{"t": "' + b"x" * room + b'"}' + ending)] == [None]
    assert _read(b'{"t": "' + b"x" * (room + 1) + b'"}' + ending)[0].reason == "too_long"


def test_a_long_line_says_how_long_it_was_and_does_not_eat_the_next() -> None:
    records = _read(b"x" * 5000 + b'\n{"id": 1}\n')
    assert [(r.line, r.reason) for r in records] == [(1, "too_long"), (2, None)]
    assert records[0].n_bytes >= 5000


def test_depth_is_counted_in_linear_time() -> None:
    # an unclosed text full of escaped quotes, after enough brackets to make the reader count
    line = b"[" * 60 + b'"' + b'\\"' * 400_000
    started = time.perf_counter()
    assert [r.reason for r in _read(b'{"a": ' + line + b"\n", Caps())] == ["too_deep"]
    shallow = b'{"a": [' + b"[]," * 60 + b'"' + b'\\"' * 400_000
    assert [r.reason for r in _read(shallow + b"\n", Caps())] == ["not_json"]
    assert time.perf_counter() - started < 3


def test_equal_content_has_an_equal_digest_whatever_its_spelling() -> None:
    one, two, three = _read(b'{"a": 1, "b": "x"}\n {"b":"x",  "a":1}\r\n{"a": 2, "b": "x"}\n')
    assert one.digest == two.digest != three.digest


@given(st.lists(st.one_of(st.binary(max_size=60), st.builds(lambda t: json.dumps({"t": t}).encode(), st.text(max_size=20))), max_size=12))
def test_every_line_that_is_not_blank_is_exactly_one_record(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b" ") for line in lines]
    wanted = [n for n, line in enumerate(lines, 1) if line.strip() not in (b"", b"\xef\xbb\xbf")]
    records = _read(b"\n".join(lines))
    assert [r.line for r in records] == wanted
    assert all((r.value is None) == (r.reason is not None) for r in records)


def _file(path: Path, content: bytes) -> list[Record]:
    path.write_bytes(content)
    return list(read_file(path, path.parent, FileSource(name="s", files="*", map=FieldMap(fields={})), Caps()))


def test_a_cut_archive_keeps_what_came_before_the_cut(tmp_path: Path) -> None:
    lines = b"".join(b'{"id": "%d", "t": "%d"}\n' % (i, i * 7919 % 104729) for i in range(5000))
    records = _file(tmp_path / "a.jsonl.gz", gzip.compress(lines)[:-2000])
    assert 0 < sum(r.reason is None for r in records) < 5000
    assert [r.field for r in records if r.reason] == ["archive"]
    assert records[-1].line > records[-2].line  # file and line are a key


@pytest.mark.parametrize("content", [b"no archive at all", gzip.compress(b'{"id": 1}\n', mtime=0)[:-8] + b"\0" * 8], ids=["no archive", "a wrong checksum"])
def test_a_false_archive_is_one_refused_record_and_no_crash(tmp_path: Path, content: bytes) -> None:
    assert [r.reason for r in _file(tmp_path / "a.jsonl.gz", content)][-1] == "not_json"


_HUGE = """
import resource, sys
from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.files import read_file
from pathlib import Path
path = Path(sys.argv[1])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000,) * 2)
source = FileSource(name="s", files="*", format=sys.argv[2], map=FieldMap(fields={}))
print([(r.line, r.reason) for r in read_file(path, path.parent, source, Caps())])
"""


@pytest.mark.parametrize(("name", "head", "tail"), [("a.jsonl", b'{"id": "1"}\n', b'\n{"id": "2"}\n'), ("a.csv", b"id\n1\n", b"\n2\n")])
def test_a_line_of_100_mb_is_refused_in_bounded_memory(tmp_path: Path, name: str, head: bytes, tail: bytes) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(head)
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(tail)
    done = subprocess.run([sys.executable, "-c", _HUGE, str(path), path.suffix[1:]], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [reason for _, reason in eval(done.stdout)] == [None, "too_long", None]  # noqa: S307 - our own output
