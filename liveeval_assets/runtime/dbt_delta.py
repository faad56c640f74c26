"""Delta tables as dbt sources: the log names the rows of the weeks asked for, and only columns without text are read.

Named in dbt_project/profiles.yml; `dbt` imports it by its module path.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig

from liveeval_assets.runtime.generate import public_columns
from liveeval_assets.runtime.lake import Lake
from liveeval_assets.shared.weeks import parse_week
from liveeval_assets.tables import TABLES

EVERY_WEEK = "all"


class Plugin(BasePlugin):
    """Loads `stage/table` of the lake; the source is the stage, its table's name the table."""

    def initialize(self, plugin_config: Mapping[str, Any]) -> None:
        """Take the lake's folder from the profile."""
        self._lake = Lake(Path(plugin_config["lake"]))

    def load(self, source_config: SourceConfig) -> pa.Table:
        """Rows of the weeks that the source's `weeks` names, in the declared columns that hold no text."""
        spec = next(s for s in TABLES.values() if s.path.replace("/", "_") == source_config.identifier)
        columns = [c.name for c in public_columns(spec)]
        return self._lake.read(spec, weeks_of(source_config.meta.get("weeks", EVERY_WEEK)), columns=columns)

    def default_materialization(self) -> str:
        """A table: a view over a Python object would break for every other reader of the file."""
        return "table"


def weeks_of(text: str) -> list[date] | None:
    """`2026-06-01,2026-06-08` as weeks; `all` as None.

    Raises:
        ValueError: something that is not a Monday.
    """
    return None if text == EVERY_WEEK else [parse_week(key) for key in text.split(",") if key]
