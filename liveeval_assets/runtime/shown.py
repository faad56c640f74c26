"""What Dagster shows of an asset: specs, partition mappings, checks, lineage and results."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.reads import Read, Weeks
from liveeval_assets.shared.checks import Check, CheckResult
from liveeval_assets.shared.spec import TableSpec

AS_DECLARED = "as_declared"


def asset_spec(spec: TableSpec, deps: Sequence[dg.AssetDep], kinds: Sequence[str]) -> dg.AssetSpec:
    """A table as the asset catalogue shows it."""
    columns = [dg.TableColumn(c.name, str(c.type), c.doc, dg.TableColumnConstraints(nullable=c.is_nullable)) for c in spec.columns]
    return dg.AssetSpec(
        key=[spec.stage, spec.name],
        deps=deps,
        description=spec.description,
        group_name=spec.stage,
        kinds={"python", "deltalake", *kinds},
        owners=["team:evals"],
        metadata={"dagster/column_schema": dg.TableSchema(columns), "key": ", ".join(spec.key)},
        tags={"frame": "true"} if spec.is_frame else {},
    )


def dep(read: Read) -> dg.AssetDep:
    """A read as an edge of the graph; what reads past weeks alone does not wait for its own."""
    if read.weeks in (Weeks.PAST, Weeks.PREVIOUS):
        return dg.AssetDep([read.spec.stage, read.spec.name], partition_mapping=dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))
    return dg.AssetDep([read.spec.stage, read.spec.name])


def check_specs(writes: Sequence[TableSpec], checks: Sequence[Check]) -> list[dg.AssetCheckSpec]:
    """The check of each declaration, then the asset's own."""
    declared = [
        dg.AssetCheckSpec(AS_DECLARED, asset=[s.stage, s.name], blocking=True, description="Types, keys, ranges and values are as declared.") for s in writes
    ]
    own = [dg.AssetCheckSpec(c.name, asset=[c.spec.stage, c.spec.name], blocking=c.is_blocking, description=c.doc) for c in checks]
    return [*declared, *own]


def check_result(name: str, spec: TableSpec, outcome: CheckResult, *, is_blocking: bool) -> dg.AssetCheckResult:
    """An outcome as Dagster records it: an error where the check blocks, else a warning."""
    return dg.AssetCheckResult(
        passed=bool(outcome.passed),
        check_name=name,
        asset_key=[spec.stage, spec.name],
        severity=dg.AssetCheckSeverity.ERROR if is_blocking else dg.AssetCheckSeverity.WARN,
        metadata={k: v if isinstance(v, str) else float(v) for k, v in outcome.counts.items()},
        description=outcome.mend or None,
    )


def lineage(reads: Sequence[Read], spec: TableSpec) -> dict[str, dg.TableColumnLineage]:
    """Column lineage by name: a declared name means the same thing in every table, so equal names are one column."""
    found = {
        c.name: [dg.TableColumnDep(asset_key=dg.AssetKey([r.spec.stage, r.spec.name]), column_name=c.name) for r in reads if c.name in r.spec.schema.names]
        for c in spec.body
    }
    return {"dagster/column_lineage": dg.TableColumnLineage({name: deps for name, deps in found.items() if deps})}


def result(spec: TableSpec, entry: Entry, extra: Mapping[str, Any], versions: Mapping[str, int]) -> dg.MaterializeResult[Any]:
    """A written table with its rows, Delta versions in and out, and content hash."""
    metadata = {
        "dagster/partition_row_count": entry.n_rows,
        "delta/version": entry.version,
        "delta/input_versions": dg.MetadataValue.json(dict(versions)),
        "content_hash": entry.content_hash,
        **extra,
    }
    return dg.MaterializeResult(asset_key=[spec.stage, spec.name], metadata=metadata, data_version=dg.DataVersion(entry.content_hash))
