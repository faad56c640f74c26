"""Fingerprints of input files: an asset that reads files outside the lake declares them as part of its inputs."""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path

from liveeval_assets.shared.hashing import digest


def files_fingerprint(home: Path, *patterns: str) -> str:
    """Hash of the names and contents of every file that a glob (relative to the home, or absolute) matches."""
    # Path.glob refuses absolute patterns
    found = sorted({Path(name) for pattern in patterns for name in glob.glob(str(home / pattern), recursive=True)})  # noqa: PTH207
    return digest("files", *(part for path in found if path.is_file() for part in (_name(path, home), _content(path))))


def _name(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.as_posix()


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
