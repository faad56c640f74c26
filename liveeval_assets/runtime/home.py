"""A home: the folder of one liveeval.yaml with its lake, catalogue, journal, marts and Dagster instance."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from liveeval_assets.runtime.catalogue import PARTITIONS, Catalogue
from liveeval_assets.runtime.lake import Lake
from liveeval_assets.settings import Secrets, Settings, load_settings
from liveeval_assets.shared.errors import LakeError, SettingsError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

VARIABLE = "LIVEEVAL_HOME"
REPOSITORY = Path(__file__).parents[2]


def home_path(path: str | Path | None = None) -> Path:
    """The home in use: the argument, else LIVEEVAL_HOME, else the repository."""
    return Path(path or os.environ.get(VARIABLE) or REPOSITORY).resolve()


class Home:
    """Everything of one product on disk; opened once per process and folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def command(self, *words: str) -> str:
        """The command as it is typed for this home."""
        return " ".join(["liveeval", words[0], *([] if self.path == REPOSITORY else ["--home", str(self.path)]), *words[1:]])

    @cached_property
    def settings(self) -> Settings:
        """Validated settings of this home."""
        return load_settings(self.path)

    @cached_property
    def lake(self) -> Lake:
        """The home's Delta tables; all declared tables exist."""
        lake = Lake(self.path / "data_lake")
        lake.create([*TABLES.values(), PARTITIONS])
        return lake

    @cached_property
    def catalogue(self) -> Catalogue:
        """Written partitions of the lake."""
        return Catalogue(self.lake, TABLES.values())

    def reload(self) -> None:
        """Forget the catalogue, so that a long-lived process sees what runs have written since."""
        self.__dict__.pop("catalogue", None)

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """One run at a time: two would buy the same calls and write over each other. A run may take it again within itself.

        Args:
            seconds: to wait for another process.

        Raises:
            LakeError: another run is still using the home.
        """
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            raise LakeError(f"another run is using {self.path}; when it has ended, run the same command again") from None
        try:
            if self._lock.lock_counter == 1:
                self.reload()
            yield
        finally:
            self._lock.release()

    @cached_property
    def _lock(self) -> FileLock:
        # a run may close in another thread than it began in
        return FileLock(str(self.lake.root / ".run.lock"), thread_local=False)

    @cached_property
    def hmac_key(self) -> bytes:
        """Key of all pseudonyms: from LIVEEVAL_HMAC_KEY, else made once and kept in `.secrets/`, outside the lake.

        Raises:
            SettingsError: it is empty, or not the key of the home's earlier runs: no pseudonym would match theirs.
        """
        folder = self.path / ".secrets"
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(str(folder / ".lock")):
            given = Secrets().hmac_key
            key = _kept(folder / "hmac_key", lambda: secrets.token_hex(32)) if given is None else given.get_secret_value()
            if not key.strip():
                raise SettingsError("LIVEEVAL_HMAC_KEY is empty; set it to a long secret, or unset it and a key is kept in .secrets/")
            mark = digest("hmac key", key)
            if not self.catalogue.weeks("traces/conversations"):
                # nothing was made with an earlier key
                (folder / "key_id").unlink(missing_ok=True)
            if _kept(folder / "key_id", lambda: mark) != mark:
                raise SettingsError(
                    f"the key of pseudonyms is not the one that {self.path} was built with: set LIVEEVAL_HMAC_KEY as it was, or unset it if "
                    f"{folder / 'hmac_key'} was in use; with a new key, start a new home"
                )
        return key.encode()

    @property
    def journal(self) -> Path:
        """The write-ahead journal of bought calls."""
        return self.path / ".journal" / "calls.sqlite"

    @property
    def marts(self) -> Path:
        """Published marts: Parquet, DuckDB and the report."""
        return self.path / "marts"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.path / ".dagster"


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What a file holds; made first where it is missing or empty, whole or not at all, for its owner alone."""
    if not path.is_file() or not path.stat().st_size:
        fresh = path.with_name(f".{path.name}.new")
        fresh.touch(mode=0o600)
        fresh.write_text(make(), "ascii")
        fresh.replace(path)
    return path.read_text("ascii")


_OPEN: dict[Path, Home] = {}


def open_home(path: str | Path | None = None) -> Home:
    """The home at `path`, one object per folder and process."""
    where = home_path(path)
    return _OPEN.setdefault(where, Home(where))
