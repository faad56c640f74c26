"""The dbt marts as Dagster assets: one build of the weeks that changed, published only when every test has passed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from liveeval_assets.runtime import dbt as marts_of
from liveeval_assets.runtime.publish import PRIVATE, publish
from liveeval_assets.runtime.resources import HomeResource


class DbtCommand(DbtCliResource):
    """The dbt command line; its version is read from the environment: `dbt --version` would ask the package index."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


class Translator(DagsterDbtTranslator):
    """Groups by folder, keys by schema and name; a source is the asset `[source, table]`."""

    def get_asset_spec(self, manifest: Any, unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The default spec with its owner."""
        return super().get_asset_spec(manifest, unique_id, project).replace_attributes(owners=["team:evals"])


def build_marts(manifest: Path) -> dg.AssetsDefinition:
    """Staging and marts of the parsed project as one asset with many outputs."""

    @dbt_assets(manifest=manifest, name="marts", dagster_dbt_translator=Translator())
    def op(context: dg.AssetExecutionContext, dbt: DbtCommand, home: HomeResource) -> Iterator[Any]:
        opened = home.open()
        plan = marts_of.plan(opened)
        context.log.info(f"{len(plan.weeks)} week(s) to build{', from scratch' if plan.is_full else ''}")
        (opened.marts / PRIVATE).mkdir(parents=True, exist_ok=True)
        invocation = dbt.cli(["build", *plan.arguments(opened)], context=context, target_path=opened.marts / PRIVATE / "target")
        built = []
        for event in invocation.stream().fetch_row_counts().fetch_column_metadata():
            if isinstance(event, dg.AssetCheckResult):
                yield event
            else:
                built.append(event)
        if context.is_subset:
            # half of the marts from one state of the lake and half from another must not be served
            context.log.warning("a part of the marts was built privately; materialise all of them to publish")
        else:
            files = publish(opened.marts, marts_of.marts())
            marts_of.record(opened, plan)
            context.log.info(f"published {len(files)} files in {opened.marts}")
        yield from built

    return op
