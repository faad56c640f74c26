"""Homes for tests: the demo's settings on a smaller world, run by the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.simulation.generate import generate
from liveeval_assets.simulation.world import World
from liveeval_assets.tables import TABLES

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
BLOCKER = Path(__file__).parent / "offline"
KEY = "a fixed key, so that pseudonyms repeat across test homes"


def small_world(seed: int = 7, weeks: int = 3, **changes: Any) -> World:
    """Three weeks, two releases (the second from week 2 on), about 60 conversations a week, 40 frozen items."""
    world = World(seed=seed, weeks=weeks, conversations=60, frozen_size=40, weeks_per_release=2)
    end = world.first_week + timedelta(weeks=weeks)
    as_of = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=8)
    return replace(world, as_of=as_of, **changes)


def make_home(path: Path, world: World, **sections: dict[str, Any]) -> Path:
    """A small home: the demo's settings with fewer items, comparisons and replicates, and the given changes of sections."""
    small = {"samples": {"items_per_week": 16}, "verdicts": {"compare_items": 10}, "scorecards": {"replicates": 100}}
    changes = {name: {**small.get(name, {}), **sections.get(name, {})} for name in {*small, *sections}}
    return demo_home(path, world, **changes)


def demo_home(path: Path, world: World, **sections: dict[str, Any]) -> Path:
    """Write the world's source files and the demo's settings, with the given changes of sections, into `path`."""
    settings = yaml.safe_load((ROOT / "liveeval.yaml").read_text("utf-8"))
    last = world.first_week + timedelta(weeks=world.weeks - 1)
    settings["seed"] = world.seed
    settings["clock"] = {"first_week": world.first_week, "last_week": last, "as_of": world.as_of}
    for name, change in sections.items():
        settings[name] = {**settings.get(name, {}), **change}
    path.mkdir(parents=True, exist_ok=True)
    (path / "liveeval.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    generate(path, world)
    return path


def environment(home: Path, **more: str) -> dict[str, str]:
    """Environment of a run: this home, the fixed key, and no socket that leaves the machine."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIVEEVAL", "DAGSTER"))}
    return {**kept, "LIVEEVAL_HOME": str(home), "LIVEEVAL_HMAC_KEY": KEY, "PYTHONPATH": str(BLOCKER), "DAGSTER_HOME": str(home / ".dagster"), **more}


def liveeval(home: Path, *arguments: str, seconds: float = 280, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the real command and return what it said."""
    command = [str(BIN / "liveeval"), *arguments]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, check=False, timeout=seconds)


def contents(home: Path) -> dict[tuple[str, str], Entry]:
    """Newest catalogue entry of every partition."""
    opened = Home(home)
    found = {(path, w): opened.catalogue.get(path, w) for path in TABLES for w in opened.catalogue.weeks(path)}
    return {(path, str(week)): entry for (path, week), entry in found.items() if entry is not None}


def hashes(home: Path) -> dict[tuple[str, str], str]:
    """Content hash of every partition."""
    return {key: entry.content_hash for key, entry in contents(home).items()}
