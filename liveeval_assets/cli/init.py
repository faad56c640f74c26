"""`liveeval init`: everything that must exist before anything runs, made under a lock."""

from __future__ import annotations

import shutil

from filelock import FileLock

from liveeval_assets.runtime.home import REPOSITORY, Home, open_home


def run_init() -> Home:
    """Create the Dagster instance, the Delta tables and the dbt manifest; safe to repeat and to race."""
    home = open_home()
    _ = home.settings  # a wrong liveeval.yaml is told before anything is made
    home.dagster.mkdir(parents=True, exist_ok=True)
    # concurrent first starts break a fresh instance for good
    with FileLock(str(home.dagster / ".init.lock")):
        template = REPOSITORY / "dagster.yaml"
        target = home.dagster / "dagster.yaml"
        if not target.exists() or target.read_bytes() != template.read_bytes():
            shutil.copyfile(template, target)
        _create_instance()
        _ = home.lake
        from liveeval_assets.runtime.dbt import ensure_manifest

        ensure_manifest(home)
    return home


def _create_instance() -> None:
    from dagster import DagsterInstance

    with DagsterInstance.get() as instance:
        instance.get_runs(limit=1)
