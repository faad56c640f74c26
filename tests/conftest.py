"""The one small world that end-to-end tests share: generated and refreshed once per session; and who shares a worker."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.homes import liveeval, make_home, small_world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A folder's tests share fixtures, so they stay on one worker; those on the small world take longest and start first."""
    on_home = {id(item) for item in items if {"young_home", "small_home"} & set(getattr(item, "fixturenames", ()))}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("home" if id(item) in on_home else item.path.parent.name))
    items.sort(key=lambda item: id(item) not in on_home)


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
