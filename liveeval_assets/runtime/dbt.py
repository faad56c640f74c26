"""Which weeks the marts lack, and how dbt is told: the project, its manifest, and what was last published.

A week is built again when the content of a table that the marts read has changed since its publication, or when it has
become STALE. The private build file keeps the other weeks.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.home import REPOSITORY, VARIABLE, Home
from liveeval_assets.runtime.publish import FILE, PRIVATE
from liveeval_assets.shared.errors import MartsError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES

if TYPE_CHECKING:
    import dagster as dg

PROJECT = REPOSITORY / "dbt_project"
MANIFEST = PROJECT / "target" / "manifest.json"
EXECUTABLE = Path(sys.executable).with_name("dbt")
_STAMP = PROJECT / "target" / "project.hash"
_STATE = "published.json"
_PARSE_SECONDS = 180


@dataclass(frozen=True)
class Plan:
    """What a build has to do.

    Attributes:
        weeks: weeks to load and replace.
        stale_weeks: weeks whose successor is overdue; the marts say so.
        is_full: rebuild everything: the project has changed, or a file is missing.
        state: what is published once the build has passed.
    """

    weeks: tuple[date, ...]
    stale_weeks: tuple[date, ...]
    is_full: bool
    state: Mapping[str, Any]

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not self.weeks

    def arguments(self, home: Home) -> list[str]:
        """Arguments of `dbt build`."""
        values = {
            "home": str(home.path),
            "weeks": ",".join(w.isoformat() for w in self.weeks),
            "stale_weeks": ",".join(w.isoformat() for w in self.stale_weeks),
        }
        return [*(["--full-refresh"] if self.is_full else []), "--vars", json.dumps(values)]


def plan(home: Home) -> Plan:
    """Compare the catalogue with what was last published."""
    state = freshness(home)
    stale = {state.newest} if state.is_stale and state.newest else set()
    weeks = {w: _week_state(home, w, is_stale=w in stale) for w in home.catalogue.weeks(PUBLISHED)}
    wanted = {"project": project_hash(), "weeks": {w.isoformat(): h for w, h in weeks.items()}}
    done = _published(home)
    is_full = done.get("project") != wanted["project"] or not set(done["weeks"]) <= set(wanted["weeks"])
    changed = tuple(w for w, h in weeks.items() if is_full or done["weeks"].get(w.isoformat()) != h)
    return Plan(changed, tuple(sorted(stale)), is_full, wanted)


def needs_build(home: Home) -> bool:
    """Whether a week has a scorecard that the served marts do not show as it is."""
    return not plan(home).is_empty


def record(home: Home, done: Plan) -> None:
    """Remember what was published."""
    path = home.marts / PRIVATE / _STATE
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(done.state, indent=1), "utf-8")
    fresh.replace(path)


def _published(home: Home) -> dict[str, Any]:
    """What was last published; nothing if a file of it is gone."""
    files = [home.marts / FILE, home.marts / PRIVATE / FILE, *(home.marts / f"{m}.parquet" for m in marts())]
    path = home.marts / PRIVATE / _STATE
    if not path.is_file() or not all(f.is_file() for f in files):
        return {"weeks": {}}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _week_state(home: Home, week: date, *, is_stale: bool) -> str:
    return digest(is_stale, *(home.catalogue.input_hash(table, [week]) for table in read_tables()))


def read_tables() -> list[str]:
    """Paths of the lake's tables that the staging models read."""
    stems = {p.stem for p in (PROJECT / "models" / "staging").glob("stg_*.sql")}
    return sorted(path for path in TABLES if f"stg_{path.replace('/', '_')}" in stems)


def marts() -> list[str]:
    """Names of the marts."""
    return sorted(p.stem for p in (PROJECT / "models" / "marts").glob("*.sql"))


def project_hash() -> str:
    """Hash of everything that decides what dbt builds: models, tests, macros, and the plugin's view of the tables."""
    files = [p for p in PROJECT.rglob("*") if p.suffix in {".sql", ".yml"} and "target" not in p.parts and p.name != ".user.yml"]
    hasher = hashlib.sha256()
    for path in sorted(files):
        hasher.update(f"{path.relative_to(PROJECT)}\x1f".encode() + path.read_bytes() + b"\x1f")
    return hasher.hexdigest()[:32]


def ensure_manifest(home: Home) -> Path:
    """Run `dbt parse` unless the manifest is that of the project as it stands; safe to race.

    Raises:
        MartsError: dbt cannot parse the project.
    """
    MANIFEST.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(MANIFEST.parent / ".parse.lock")):
        if has_manifest():
            return MANIFEST
        _STAMP.unlink(missing_ok=True)
        stamp = project_hash()
        command = [str(EXECUTABLE), "--quiet", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--no-partial-parse"]
        environment = {**os.environ, VARIABLE: str(home.path), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        paths = ["--target-path", str(MANIFEST.parent), "--log-path", str(MANIFEST.parent)]
        result = subprocess.run([*command, *paths], env=environment, capture_output=True, text=True, timeout=_PARSE_SECONDS, check=False)  # noqa: S603 (our own words)
        if result.returncode:
            raise MartsError(f"dbt cannot parse {PROJECT.name}: {result.stdout.strip()[-2000:]}")
        _STAMP.write_text(stamp, "ascii")
    return MANIFEST


def has_manifest() -> bool:
    """Whether the manifest is that of the project as it stands."""
    return MANIFEST.is_file() and _STAMP.is_file() and _STAMP.read_text("ascii") == project_hash()


def assets() -> list[dg.AssetsDefinition]:
    """The marts as Dagster assets; needs the manifest, never runs dbt.

    Raises:
        MartsError: `liveeval init` has not run since the project changed.
    """
    if not has_manifest():
        raise MartsError("the dbt manifest is missing or older than dbt_project; run `liveeval init`")
    return [_marts().build_marts(MANIFEST)]


def _marts() -> ModuleType:
    """The module that knows dbt. Importing it makes half a million objects that live on: looking for garbage meanwhile costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module("liveeval_assets.runtime.marts")
    finally:
        if was_enabled:
            gc.enable()


def resources() -> dict[str, Any]:
    """The dbt command line as a Dagster resource."""
    return {"dbt": _marts().DbtCommand(project_dir=str(PROJECT), profiles_dir=str(PROJECT), dbt_executable=str(EXECUTABLE))}
