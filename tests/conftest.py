"""The one small world that end-to-end tests share: generated and refreshed once per session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.homes import liveeval, make_home, small_world


@pytest.fixture(scope="session")
def young_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two of the world's three weeks, refreshed; tests that change it must copy it."""
    home = make_home(tmp_path_factory.mktemp("young") / "home", small_world())
    done = liveeval(home, "refresh", "--weeks", "2026-06-01..2026-06-08")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return home


@pytest.fixture(scope="session")
def small_home(young_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three weeks after `liveeval refresh`; tests that change it must copy it."""
    home = tmp_path_factory.mktemp("small") / "home"
    shutil.copytree(young_home, home)
    done = liveeval(home, "refresh")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return home
