"""Assets of the stage `releases`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import yaml

from liveeval_assets.releases.registry import Release, born_in, parse_releases
from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

_TABLE = TABLES["releases/registry"]
_LONGEST_NAME = 255  # bytes


def _releases(home: Home) -> list[Release]:
    path = home.path / home.settings.releases.file
    if not path.is_file():
        raise SourceError(f"releases/registry: {home.settings.releases.file} does not exist; list what was shipped there")
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SourceError(f"releases/registry: {home.settings.releases.file} is not valid YAML in UTF-8; mend it") from None
    return parse_releases(content, home.settings.releases.file)


def _prompts(home: Home, releases: list[Release]) -> dict[str, str]:
    """A prompt is a file of the home, or its text.

    Raises:
        SourceError: it looks like a file and is none.
    """
    return {r.id: _prompt(home.path, r.prompt) for r in releases}


def _prompt(home: Path, prompt: str) -> str:
    # a text of some length is no path, and asking the file system for it is an error
    if not prompt or "\n" in prompt or len(prompt.encode()) > _LONGEST_NAME:
        return prompt
    if not (home / prompt).is_file():
        if not any(c.isspace() for c in prompt) and Path(prompt).suffix:
            raise SourceError(f"releases/registry: there is no file {prompt}; mend `prompt`, or write the prompt's text there")
        return prompt
    return (home / prompt).read_text("utf-8", errors="replace")


def _fingerprint(home: Home, week: date) -> str:
    return digest(str(_born(home, week).to_pylist()))


def _born(home: Home, week: date) -> pa.Table:
    """Rows of the week. One that is published knows no release that was listed after it: that belongs to the next week, which it can still answer in."""
    releases = _releases(home)
    entry = home.catalogue.get(_TABLE.path, week)
    if entry and not entry.is_damaged and home.catalogue.get(PUBLISHED, week):
        stamped = home.lake.read(_TABLE, [week], columns=["release_id"])["release_id"].to_pylist()
        releases = [r for r in releases if r.id in stamped]
    return born_in(releases, week, _known(home, week), _prompts(home, releases))


def _known(home: Home, week: date) -> set[str]:
    weeks = [w for w in home.catalogue.weeks(_TABLE.path) if w < week]
    return set(home.lake.read(_TABLE, weeks, columns=["release_id"])["release_id"].to_pylist())


@lake_asset(writes="releases/registry", reads=(Read("releases/registry", Weeks.PAST),), source=_fingerprint, kinds=("yaml",))
def registry(run: Run) -> pa.Table:
    """Releases that went live this week."""
    return _born(run.home, run.week)
