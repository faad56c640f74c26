"""The one small world that end-to-end tests share: generated and refreshed once per session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homes import liveeval, make_home, small_world


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three weeks after `liveeval refresh`; tests that change it must copy it."""
    home = make_home(tmp_path_factory.mktemp("small") / "home", small_world())
    done = liveeval(home, "refresh")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return home
