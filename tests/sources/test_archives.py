"""Packed files: the same records as unpacked, and an end to what unfolds without one."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.files import read_file

LINES = b"".join(b'{"id": "%d", "t": "%d"}\n' % (i, i * 7919 % 104729) for i in range(20_000))


def _zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


def _stream(content: bytes) -> bytes:
    """As tools write it who do not know the size beforehand."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(content)
    return bytes(sink.getvalue())


def _read(path: Path, content: bytes, caps: Caps | None = None) -> list[Record]:
    path.write_bytes(content)
    return list(read_file(path, path.parent, FileSource(name="s", files="*", map=FieldMap()), caps or Caps()))


PACKERS = [("gz", gzip.compress), ("zst", _zstd), ("zst", _stream)]


@pytest.mark.parametrize(("ending", "pack"), PACKERS)
def test_a_packed_file_holds_what_the_plain_one_does(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    plain = [(r.line, r.value) for r in _read(tmp_path / "a.jsonl", LINES)]
    assert len(plain) == 20_000
    assert [(r.line, r.value) for r in _read(tmp_path / f"a.jsonl.{ending}", pack(LINES))] == plain
    # a log that was rotated into the same archive
    assert len(_read(tmp_path / f"b.jsonl.{ending}", pack(LINES) + pack(LINES))) == 40_000


@pytest.mark.parametrize(("ending", "pack"), PACKERS)
def test_one_that_is_cut_off_or_none_ends_as_one_refused_record(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    cut = _read(tmp_path / f"a.jsonl.{ending}", pack(LINES)[:-2000])
    assert [(r.reason, r.field) for r in cut if r.value is None] == [("not_json", "archive")]
    assert 5_000 < len(cut) < 20_000
    assert [(r.reason, r.field) for r in _read(tmp_path / f"b.jsonl.{ending}", b"no archive at all")] == [("not_json", "archive")]


@pytest.mark.parametrize(("ending", "pack"), PACKERS)
def test_one_that_unfolds_beyond_the_cap_is_refused_there(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    records = _read(tmp_path / f"a.jsonl.{ending}", pack(LINES), Caps(max_unpacked_bytes=len(LINES) - 1))
    assert [(r.reason, r.field) for r in records if r.value is None] == [("too_long", "archive")]
    assert all(r.value for r in _read(tmp_path / f"b.jsonl.{ending}", pack(LINES), Caps(max_unpacked_bytes=len(LINES))))


@pytest.mark.parametrize(("ending", "pack"), PACKERS)
def test_a_document_over_a_whole_packed_file_is_read(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    for name, content in (("a", json.dumps([{"id": 1}, {"id": 2}], indent=1).encode()), ("b", b'{"id": 1}\n{"id": 2}\n')):
        path = tmp_path / f"{name}.json.{ending}"
        path.write_bytes(pack(content))
        source = FileSource(name="s", files="*", format="langfuse")
        assert [r.value for r in read_file(path, tmp_path, source, Caps())] == [{"id": 1}, {"id": 2}]


_BOMB = """
import resource, sys
from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.records import Caps
from liveeval_assets.sources.files import read_file
from pathlib import Path
path = Path(sys.argv[1])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
source = FileSource(name="s", files="*", map=FieldMap())
print([r.reason for r in read_file(path, path.parent, source, Caps(max_unpacked_bytes=150_000_000))])
"""


@pytest.mark.parametrize(("ending", "pack"), PACKERS[:2])
def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    """A fifth of a gigabyte of nothing in one line; packed it takes less than a megabyte."""
    path = tmp_path / f"a.jsonl.{ending}"
    piece = pack(bytes(20_000_000))
    path.write_bytes(pack(b'{"id": 1}\n') + piece * 10)
    assert path.stat().st_size < 1_000_000
    done = subprocess.run([sys.executable, "-c", _BOMB, str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "[None, 'too_long']"
