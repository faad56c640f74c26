"""Packed files: read like plain ones, told apart by their ending, and no further than they may unfold."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# what is lost before the place where an archive is cut off
_STEP = 1 << 13


class BrokenArchiveError(Exception):
    """A packed file that cannot be read to its end; `reason` says why, as quarantine does."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def open_file(path: Path, most_bytes: int) -> IO[bytes]:
    """A file, unpacked where its name ends in `.gz` or `.zst`.

    Args:
        most_bytes: that a packed file may unfold to; reading beyond them raises BrokenArchiveError (too_long), as reading one that is cut off does (not_json).
    """
    if path.suffix == ".gz":
        return cast("IO[bytes]", io.BufferedReader(_Bounded(cast("IO[bytes]", gzip.open(path, "rb")), most_bytes)))
    if path.suffix == ".zst":
        packed = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
        return cast("IO[bytes]", io.BufferedReader(_Bounded(packed, most_bytes)))
    return path.open("rb")


class _Bounded(io.RawIOBase):
    """What another stream holds, up to a number of bytes."""

    def __init__(self, packed: IO[bytes] | pa.NativeFile, most_bytes: int) -> None:
        self._packed, self._left = packed, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            found = self._packed.read(min(len(view), _STEP))
        except (OSError, EOFError, zlib.error):
            raise BrokenArchiveError("not_json") from None
        self._left -= len(found)
        if self._left < 0:
            raise BrokenArchiveError("too_long")
        view[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self._packed.close()
        super().close()
