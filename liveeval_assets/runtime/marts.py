"""The dbt marts as Dagster assets: one build of the weeks that changed, published only when every test has passed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cached_property
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtCliRuntimeError,
    DagsterDbtTranslator,
    DbtCliInvocation,
    DbtCliResource,
    DbtProject,
    dbt_assets,
    group_from_dbt_resource_props_fallback_to_directory,
)
from dagster_dbt.core.dbt_event_iterator import DbtEventIterator
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from packaging.version import Version
from pyarrow.parquet import read_metadata

from liveeval_assets.runtime import dbt as project
from liveeval_assets.runtime.publish import PRIVATE, publish
from liveeval_assets.runtime.resources import HomeResource


class DbtCommand(DbtCliResource):
    """The dbt command line; its version is read from the environment: `dbt --version` would ask the package index."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


class Translator(DagsterDbtTranslator):
    """Groups by folder, keys by schema and name; a source is the asset `[source, table]`."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The folder of the model."""
        return group_from_dbt_resource_props_fallback_to_directory(dbt_resource_props)

    def get_asset_spec(self, manifest: Any, unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The default spec with its owner."""
        return super().get_asset_spec(manifest, unique_id, project).replace_attributes(owners=["team:evals"])


def build_marts(manifest: Path) -> dg.AssetsDefinition:
    """Staging and marts of the parsed project as one asset with many outputs."""

    @dbt_assets(manifest=manifest, name="marts", dagster_dbt_translator=Translator())
    def op(context: dg.AssetExecutionContext, dbt: DbtCommand, home: HomeResource) -> Iterator[Any]:
        opened = home.open()
        plan = project.plan(opened)
        context.log.info("%d week(s) to build%s", len(plan.weeks), ", from scratch" if plan.is_full else "")
        target = opened.marts / PRIVATE / "target"
        target.mkdir(parents=True, exist_ok=True)
        invocation = dbt.cli(["build", *plan.arguments(opened)], context=context, target_path=target)
        events, has_passed = _follow(invocation)
        yield from (e for e in events if isinstance(e, dg.AssetCheckResult))
        if not has_passed:
            raise dg.Failure(description=f"dbt: {'; '.join(_reasons(target))}; see {target / 'dbt.log'}", allow_retries=False)
        built = list(_with_columns([e for e in events if not isinstance(e, dg.AssetCheckResult)], invocation))
        if context.is_subset:
            # half of the marts from one state of the lake and half from another must not be served
            context.log.warning("a part of the marts was built privately; materialise all of them to publish")
            yield from built
            return
        served = {path.stem: path for path in publish(opened.marts, project.marts())}
        project.record(opened, plan)
        yield from (_as_served(e, served) for e in built)

    return op


def _follow(invocation: DbtCliInvocation) -> tuple[list[Any], bool]:
    """Run dbt to its end: its events, and whether everything passed. Its console text stays in `dbt.log`."""
    events: list[Any] = []
    with redirect_stdout(StringIO()):
        try:
            events.extend(invocation.stream())
        except DagsterDbtCliRuntimeError:
            return events, False
    return events, True


def _with_columns(events: Sequence[Any], invocation: DbtCliInvocation) -> Iterator[Any]:
    """The same events with column types and column lineage; only once dbt has let go of the file."""
    try:
        yield from DbtEventIterator(iter(events), invocation).fetch_column_metadata()
    finally:
        _let_go()


def _let_go() -> None:
    """Asking for columns opened the build file in this process; a handle left open would block the next build."""
    environment = getattr(DuckDBConnectionManager, "_ENV", None)  # the public way of asking raises when there is none
    if environment is not None:
        environment.close()


def _reasons(target: Path) -> Iterator[str]:
    """Which models or tests failed, and how."""
    path = target / "run_results.json"
    if not path.is_file():
        yield "the build did not start"
        return
    for result in json.loads(path.read_text("utf-8"))["results"]:
        if result["status"] in {"error", "fail", "runtime error"}:
            yield f"{result['unique_id'].split('.', 2)[2]}: {result['message']}"


def _as_served(event: Any, served: Mapping[str, Path]) -> Any:
    """The output of a mart with the path and rows of its published Parquet file; any other event as it is."""
    mart = str(event.metadata["unique_id"].value).split(".")[-1] if isinstance(event, dg.Output) else ""
    if mart not in served:
        return event
    n_rows = read_metadata(served[mart]).num_rows
    return event.with_metadata({**event.metadata, "dagster/row_count": n_rows, "dagster/uri": dg.MetadataValue.path(str(served[mart]))})
