"""Assets of the stage `releases`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import yaml

from liveeval_assets.releases.registry import Release, born_in, parse_releases
from liveeval_assets.runtime.factory import Run, lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.hashing import digest


def _releases(home: Home) -> list[Release]:
    path = home.path / home.settings.releases.file
    if not path.is_file():
        raise SourceError(f"releases/registry: {home.settings.releases.file} does not exist; list what was shipped there")
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:
        raise SourceError(f"releases/registry: {home.settings.releases.file} is not valid YAML") from None
    return parse_releases(content, home.settings.releases.file)


def _prompts(home: Home, releases: list[Release]) -> dict[str, str]:
    """A prompt is a file of the home, or its text."""
    found = {}
    for release in releases:
        path = Path(release.prompt) if "\n" not in release.prompt and release.prompt else None
        is_file = path is not None and (home.path / path).is_file()
        found[release.id] = (home.path / release.prompt).read_text("utf-8") if is_file else release.prompt
    return found


def _fingerprint(home: Home, week: date) -> str:
    releases = _releases(home)
    rows = born_in(releases, week, home.settings.clock.first_week, _prompts(home, releases))
    return digest(str(rows.to_pylist()))


@lake_asset(writes="releases/registry", source=_fingerprint, kinds=("yaml",))
def registry(run: Run) -> pa.Table:
    """Releases that went live this week."""
    releases = _releases(run.home)
    return born_in(releases, run.week, run.settings.clock.first_week, _prompts(run.home, releases))
