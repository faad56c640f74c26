"""One small world and one running server for all tests of the simulation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveeval_assets.simulation.generate import generate
from liveeval_assets.simulation.world import World

SMALL = World(seed=5, weeks=4, weeks_per_release=1, new_topic_week=2, conversations=60, frozen_size=80)


@pytest.fixture(scope="session")
def world() -> World:
    return SMALL


@pytest.fixture(scope="session")
def world_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("world")
    generate(home, SMALL)
    return home


@pytest.fixture(scope="session")
def base_url(world_home: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "liveeval_assets.simulation.server", "--home", str(world_home), "--port", "0", "--role", "world"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"http://127.0.0.1:{port}/v1"
        process.terminate()
