"""From a pure function to an asset: read, compare, compute, check, commit once.

The body of an asset names what it reads, makes one call of a pure function and returns the tables to write. The
factory skips the computation when code, settings and inputs are as the catalogue remembers them, runs every check
before the commit, and replaces the partition in one commit.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa

from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import beginning, unpublished_before
from liveeval_assets.runtime.partitions import WEEKLY
from liveeval_assets.runtime.reads import Read, Run
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.runtime.shown import AS_DECLARED, asset_spec, check_result, check_specs, dep, lineage, result
from liveeval_assets.shared.checks import Check, CheckResult
from liveeval_assets.shared.errors import CheckFailed, LakeError, LiveEvalError
from liveeval_assets.shared.hashing import digest, digest_json, table_hash
from liveeval_assets.shared.spec import TableSpec, violations
from liveeval_assets.shared.weeks import parse_week
from liveeval_assets.tables import TABLES

_PACKAGE = Path(__file__).parents[1]

Body = Callable[[Run], pa.Table | Mapping[str, pa.Table]]
Fingerprint = Callable[[Home, date], str]


@dataclass(frozen=True)
class LakeAsset:
    """A declared asset before Dagster sees it; `refresh` asks it whether a week is up to date."""

    body: Body
    writes: tuple[TableSpec, ...]
    reads: tuple[Read, ...]
    checks: tuple[Check, ...]
    sections: tuple[str, ...]
    source: Fingerprint | None

    @property
    def name(self) -> str:
        """Name of the op: the path of the first table."""
        return self.writes[0].path.replace("/", "__")

    def inputs(self, home: Home, week: date) -> dict[str, str]:
        """Content hash of every input; what lies outside the lake is the input `source`."""
        found = {r.table: home.catalogue.input_hash(r.table, r.of(home, week)) for r in self.reads}
        if self.source is not None:
            found["source"] = self.source(home, week)
        return found

    def fingerprint_now(self, home: Home, week: date) -> str | None:
        """The fingerprint that the week would have now; None where an input is damaged, and is to be rebuilt first."""
        try:
            return self.fingerprint(home, self.inputs(home, week))
        except LakeError:
            return None

    def fingerprint(self, home: Home, inputs: Mapping[str, str]) -> str:
        """Hash of code, settings and inputs."""
        return digest(code_hash(self.writes[0].stage, reads_files=self.source is not None), home.settings.hash_of(*self.sections), digest_json(dict(inputs)))

    def is_current(self, home: Home, week: date) -> bool:
        """Whether every table of the week is what code, settings and inputs would give, or is frozen."""
        if not all(home.catalogue.get(s.path, week) for s in self.writes):
            return False
        return self.is_frozen(home, week) or self.would_be_same(home, week)

    def would_be_same(self, home: Home, week: date) -> bool:
        """Whether code, settings and inputs of a written week are as the catalogue remembers them."""
        wanted = self.fingerprint_now(home, week)
        entries = [home.catalogue.get(s.path, week) for s in self.writes]
        return all(e is not None and e.fingerprint == wanted for e in entries)

    def is_starved(self, home: Home, week: date) -> bool:
        """Whether the week has no rows of the first table that the asset reads, the one that its own rows are made of.

        Then, and only then, a table that needs rows may be empty: a week in which nothing was answered has no items, no
        versions and no verdicts, while a body that loses the rows it was given is refused.
        """
        entry = home.catalogue.get(self.reads[0].table, week) if self.reads else None
        return entry is not None and not entry.n_rows

    def is_frozen(self, home: Home, week: date) -> bool:
        """A frame table of a published week is never recomputed, unless it was found damaged."""
        entries = [home.catalogue.get(s.path, week) for s in self.writes]
        is_whole = all(e is not None and not e.is_damaged for e in entries)
        return is_whole and all(s.is_frame for s in self.writes) and home.catalogue.get(PUBLISHED, week) is not None


REGISTERED: dict[str, LakeAsset] = {}


@lru_cache
def code_hash(stage: str, *, reads_files: bool) -> str:
    """Hash of the code that decides an asset's results: its stage, the kernel and, if it reads files, their readers."""
    readers = [*(_PACKAGE / "sources").glob("*.py"), _PACKAGE / "runtime" / "inputs.py"] if reads_files else []
    files = sorted([*(_PACKAGE / stage).glob("*.py"), *(_PACKAGE / "shared").glob("*.py"), *readers])
    return hashlib.sha256(b"\x1f".join(f.read_bytes() for f in files)).hexdigest()[:16]


def lake_asset(
    *,
    writes: str | Sequence[str],
    reads: Sequence[str | Read] = (),
    checks: Sequence[Check] = (),
    sections: Sequence[str] = (),
    source: Fingerprint | None = None,
    kinds: Sequence[str] = (),
) -> Callable[[Body], dg.AssetsDefinition]:
    """Declare an asset that writes the tables `writes` from the tables `reads`.

    Args:
        writes: path or paths of the tables; all get a row set from one body.
        reads: paths (same week) or `Read`s; the first is the table that the rows are made of.
        checks: pure checks beside those of the declaration.
        sections: settings sections that the result depends on, beside the stage's own.
        source: fingerprint of what lies outside the lake (files); part of the inputs.
        kinds: extra badges in the UI.
    """
    paths = (writes,) if isinstance(writes, str) else tuple(writes)
    specs = tuple(TABLES[p] for p in paths)
    declared = tuple(r if isinstance(r, Read) else Read(r) for r in reads)

    def wrap(body: Body) -> dg.AssetsDefinition:
        own = specs[0].stage
        asset = LakeAsset(body, specs, declared, tuple(checks), tuple(dict.fromkeys((own, *sections))), source)
        REGISTERED[asset.name] = asset
        return _define(asset, kinds)

    return wrap


def _define(asset: LakeAsset, kinds: Sequence[str]) -> dg.AssetsDefinition:
    deps = [dep(r) for r in asset.reads]

    @dg.multi_asset(
        name=asset.name,
        specs=[asset_spec(s, deps, kinds) for s in asset.writes],
        check_specs=check_specs(asset.writes, asset.checks),
        partitions_def=WEEKLY,
        can_subset=False,
    )
    def op(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[Any]:
        yield from _materialise(asset, context, home)

    return op


def _materialise(asset: LakeAsset, context: dg.AssetExecutionContext, resource: HomeResource) -> Iterator[Any]:
    home = resource.open()
    week = parse_week(context.partition_key)
    started = time.perf_counter()
    try:
        if asset.is_current(home, week):
            yield from _unchanged(asset, home, week)
            return
        if week < beginning(home):
            raise CheckFailed(
                f"the home begins with week {beginning(home)}, where its strata and its frozen set were made; an older week needs a home of its own"
            )
        earlier = unpublished_before(home, week)
        if earlier is not None:
            raise CheckFailed(f"week {earlier} has records and no scorecard yet; weeks build on each other, materialise that one first")
        run = Run(week, home, {r.table: r for r in asset.reads}, resource.services(), context.log.info)
        inputs = asset.inputs(home, week)
        produced = asset.body(run)
    except LiveEvalError as error:
        raise dg.Failure(description=f"{asset.writes[0].path} week {week}: {error}", allow_retries=False) from None
    everything = {asset.writes[0].path: produced} if isinstance(produced, pa.Table) else dict(produced)
    tables = {s.path: s.conform(_stamp(everything[s.path], week)) for s in asset.writes}
    # what a body returns beside its tables is for its checks alone
    seen = {r.table: run.read(r.table) for r in asset.reads if asset.checks}
    results = _run_checks(asset, {**seen, **everything, **tables}, is_starved=asset.is_starved(home, week))
    yield from results
    blocked = [r for r in results if not r.passed and r.severity is dg.AssetCheckSeverity.ERROR]
    if blocked:
        names = "; ".join(f"{r.check_name} on {'/'.join(r.asset_key.path)}: {r.description}" for r in blocked if r.asset_key)
        raise dg.Failure(description=f"week {week}, nothing was written: {names}", allow_retries=False)
    seconds = time.perf_counter() - started
    versions = {r.table: home.lake.version(r.spec) for r in asset.reads}
    warnings = {str(r.check_name): r.description or "" for r in results if not r.passed}
    for spec in asset.writes:
        entry = _commit(asset, spec, home, week, tables[spec.path], inputs, versions, context.run.run_id, warnings)
        yield result(spec, entry, {**run.metadata, "seconds": round(seconds, 2), **lineage(asset.reads, spec)}, versions)


def _stamp(table: pa.Table, week: date) -> pa.Table:
    if "week" in table.column_names:
        return table
    return table.append_column("week", pa.array([week] * table.num_rows, pa.date32()))


def _run_checks(asset: LakeAsset, tables: Mapping[str, pa.Table], *, is_starved: bool) -> list[dg.AssetCheckResult]:
    results = []
    for spec in asset.writes:
        broken = violations(spec, tables[spec.path])
        if not spec.may_be_empty and not is_starved and not tables[spec.path].num_rows:
            broken["has rows"] = 0
        told = [f"{n} row(s) break '{rule}'" if n else "it has no rows" for rule, n in broken.items()]
        outcome = CheckResult(not broken, broken, "; ".join(told))
        results.append(check_result(AS_DECLARED, spec, outcome, is_blocking=True))
    results += [check_result(c.name, c.spec, c.run(tables), is_blocking=c.is_blocking) for c in asset.checks]
    return results


def _commit(
    asset: LakeAsset,
    spec: TableSpec,
    home: Home,
    week: date,
    table: pa.Table,
    inputs: Mapping[str, str],
    versions: Mapping[str, int],
    run_id: str,
    warnings: Mapping[str, str],
) -> Entry:
    content = table_hash(table, key=spec.key, skip=spec.volatile)
    entry = Entry(spec.path, week, -1, content, table.num_rows, run_id, asset.fingerprint(home, inputs), inputs, versions, warnings)
    before = home.catalogue.get(spec.path, week)
    # of an append-only table the body returns all that the week needs; what the table has is not added again
    rows = _unknown(home, spec, table) if spec.is_append_only else table
    is_stored = not rows.num_rows if spec.is_append_only else before is not None and before.content_hash == content
    if is_stored:
        # same content: remember the new fingerprint without a new version, so that nothing downstream runs
        entry = Entry.of(entry.note(), before.version if before else home.lake.version(spec))
    else:
        entry = Entry.of(entry.note(), home.lake.write(spec, week, rows, entry.note()))
    home.catalogue.record(entry)
    return entry


def _unknown(home: Home, spec: TableSpec, rows: pa.Table) -> pa.Table:
    """Rows whose key the append-only table does not have in any week."""
    stored = home.lake.read(spec)
    known = set(zip(*(stored[name].to_pylist() for name in spec.key), strict=True))
    keys = zip(*(rows[name].to_pylist() for name in spec.key), strict=True)
    return rows.filter(pa.array([key not in known for key in keys], pa.bool_()))


def _unchanged(asset: LakeAsset, home: Home, week: date) -> Iterator[Any]:
    """What the checks said when the rows were made still holds: nothing was written that did not pass those that block."""
    first = home.catalogue.get(asset.writes[0].path, week)
    warnings = first.warnings if first is not None else {}
    for name, spec, is_blocking in [(AS_DECLARED, s, True) for s in asset.writes] + [(c.name, c.spec, c.is_blocking) for c in asset.checks]:
        outcome = CheckResult(name not in warnings, {"unchanged": "since the rows were made"}, warnings.get(name, ""))
        yield check_result(name, spec, outcome, is_blocking=is_blocking)
    for spec in asset.writes:
        entry = home.catalogue.get(spec.path, week)
        if entry is not None:
            yield result(spec, entry, {"unchanged": True}, entry.input_versions)
