"""Where input files are: a glob under the home, with environment variables; each opened by its format's reader."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from liveeval_assets.settings import FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Caps, Record
from liveeval_assets.sources.archives import BrokenArchiveError, open_file
from liveeval_assets.sources.csv_rows import read_csv
from liveeval_assets.sources.documents import read_documents
from liveeval_assets.sources.jsonl import raw_digest, read_jsonl
from liveeval_assets.sources.parquet_rows import read_parquet

_READERS = {"jsonl": read_jsonl, "csv": read_csv, "parquet": read_parquet}
# what vendors export: documents, one per line or over the whole file
_READERS |= dict.fromkeys(("otlp", "langfuse", "langsmith", "langfuse_scores"), read_documents)
_SHOWN_PARTS = 3
# line under which a broken archive is told: the same one, whichever lines were wanted
_BREAK = 1_000_000_000
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def find_files(home: Path, source: FileSource) -> list[Path]:
    """Files of a source, sorted by name.

    `${NAME}` in the glob stands for an environment variable, `${NAME:-default}` for one that may be unset.

    Raises:
        SourceError: a variable in the glob is unset, no file matches, or two cannot be told apart by the name that is shown.
    """
    expanded = _VARIABLE.sub(lambda m: _environment(m[1], m[2], source), source.files)
    found = sorted({Path(os.path.normpath(f)) for f in glob.glob(str(home / expanded), recursive=True)})  # noqa: PTH207  absolute patterns
    found = [f for f in found if f.is_file()]
    if not found:
        named = ", ".join(m[1] for m in _VARIABLE.finditer(source.files))
        mend = f"set the environment variable {named} to the folder that holds them" if named else "mend `files` in liveeval.yaml or put the files there"
        raise SourceError(f"source '{source.name}': no file matches {source.files}; {mend}")
    if len({shown(f, home) for f in found}) < len(found):
        raise SourceError(f"source '{source.name}': files outside the home share a name; put them under the home or into folders of different names")
    return found


def read_file(path: Path, home: Path, source: FileSource, caps: Caps, only: Collection[int] | None = None) -> Iterator[Record]:
    """Records of one file; a broken archive ends as one refused record after its last good one.

    Args:
        only: line numbers that are wanted; None wants all.
    """
    name = shown(path, home)
    try:
        # Parquet packs its own columns, whatever the file is called
        with path.open("rb") if source.format == "parquet" else open_file(path, caps.max_unpacked_bytes) as file:
            yield from _READERS[source.format](file, name, caps, only)
    except BrokenArchiveError as error:
        if only is None or _BREAK in only:
            yield Record(name, _BREAK, path.stat().st_size, raw_digest(name.encode()), None, error.reason, "archive")


def shown(path: Path, home: Path) -> str:
    """A file's name for people: relative to the home, or its last parts where it lies outside, the same on every machine."""
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else "/".join(path.parts[-_SHOWN_PARTS:])


def stamp(paths: list[Path]) -> tuple[tuple[str, int, int], ...]:
    """Name, size and change time of files: equal stamps mean equal content for a memo."""
    return tuple((str(p), (s := p.stat()).st_size, s.st_mtime_ns) for p in paths)


def _environment(variable: str, default: str | None, source: FileSource) -> str:
    value = os.environ.get(variable)  # noqa: TID251  `files` may name a variable, so that no settings file holds a machine's path
    if value:
        # relative to where the command is run, like any path that a person types
        return str(Path(value).resolve())
    if default is None:
        raise SourceError(f"source '{source.name}': set the environment variable {variable}; `files` in liveeval.yaml names it")
    return default
