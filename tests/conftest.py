"""The one small world that end-to-end tests share, generated and refreshed once per session; and which files start first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.homes import liveeval, make_home, small_world

# the longest first: one worker makes the shared homes and drives the browser, the other checks the code until the homes are there
LONGEST = ("test_ui.py", "test_imports.py", "test_end_to_end.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share fixtures and stay on one worker; files are handed out in this order."""
    rank = {name: position for position, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def young_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two of the world's three weeks, refreshed; tests that change it must copy it."""

    def build(home: Path) -> None:
        make_home(home, small_world())
        done = liveeval(home, "refresh", "--weeks", "2026-06-01..2026-06-08")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]

    return _once(tmp_path_factory, "young", build)


@pytest.fixture(scope="session")
def small_home(young_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three weeks after `liveeval refresh`; tests that change it must copy it."""

    def build(home: Path) -> None:
        shutil.copytree(young_home, home)
        done = liveeval(home, "refresh")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]

    return _once(tmp_path_factory, "small", build)


def _once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """The home that the first worker to ask for it has built; the others wait for it."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = (factory.getbasetemp().parent if is_worker else factory.getbasetemp()) / name
    with FileLock(f"{folder}.lock"):
        if not (folder / "built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder / "home")
            (folder / "built").touch()
    return folder / "home"
