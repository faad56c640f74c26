"""Where input files are: a glob under the home, with environment variables, gz transparent; each opened by its format's reader."""

from __future__ import annotations

import glob
import gzip
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from liveeval_assets.settings import FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.sources.jsonl import read_jsonl
from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.tabular import read_csv, read_parquet

_READERS = {"jsonl": read_jsonl, "csv": read_csv, "parquet": read_parquet}
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def find_files(home: Path, source: FileSource) -> list[Path]:
    """Files of a source, sorted by name.

    Raises:
        SourceError: a variable in the glob is unset, or no file matches.
    """
    pattern = str(home / _VARIABLE.sub(lambda m: _environment(m[1], source), source.files))
    found = sorted(Path(f) for f in glob.glob(pattern, recursive=True) if Path(f).is_file())  # noqa: PTH207  absolute patterns
    if not found:
        raise SourceError(f"source '{source.name}': no file matches {source.files}; mend `files` in liveeval.yaml or put the files there")
    return found


def read_file(path: Path, home: Path, source: FileSource, caps: Caps) -> Iterator[Record]:
    """Records of one file; a broken or oversized archive ends as one refused record."""
    name = str(path.relative_to(home)) if path.is_relative_to(home) else path.name
    try:
        with _open(path) as file:
            yield from _READERS[source.format](file, name, caps)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Record(name, 1_000_000_000, path.stat().st_size, "", None, "not_json", "archive")


def stamp(paths: list[Path]) -> tuple[tuple[str, int, int], ...]:
    """Name, size and change time of files: equal stamps mean equal content for a memo."""
    return tuple((str(p), (s := p.stat()).st_size, s.st_mtime_ns) for p in paths)


def _environment(variable: str, source: FileSource) -> str:
    value = os.environ.get(variable)
    if not value:
        raise SourceError(f"source '{source.name}': set the environment variable {variable}; `files` in liveeval.yaml names it")
    return value


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
