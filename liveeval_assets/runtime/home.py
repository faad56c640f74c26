"""A home: the folder of one liveeval.yaml with its lake, catalogue, journal, marts and Dagster instance."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from liveeval_assets.runtime.catalogue import PARTITIONS, Catalogue
from liveeval_assets.runtime.lake import Lake
from liveeval_assets.settings import Secrets, Settings, load_settings
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

    @cached_property
    def hmac_key(self) -> bytes:
        """Key of all pseudonyms: from LIVEEVAL_HMAC_KEY, else made once and kept in `.secrets/`, outside the lake."""
        given = Secrets().hmac_key
        if given is not None:
            return given.get_secret_value().encode()
        path = self.path / ".secrets" / "hmac_key"
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(path) + ".lock"):
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(secrets.token_hex(32), "ascii")
        return path.read_text("ascii").encode()

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


_OPEN: dict[Path, Home] = {}


def open_home(path: str | Path | None = None) -> Home:
    """The home at `path`, one object per folder and process."""
    where = home_path(path)
    return _OPEN.setdefault(where, Home(where))
