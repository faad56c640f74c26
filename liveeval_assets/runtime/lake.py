"""The one reader and writer of Delta tables.

Whole partitions are replaced in one commit (replaceWhere), never merged or appended, except for the append-only call
log. Tables are created once, under a lock, without value statistics: no text reaches the transaction log.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, QueryBuilder, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from filelock import FileLock

from liveeval_assets.shared.errors import LakeError, SchemaViolation
from liveeval_assets.shared.spec import TableSpec

COMMIT_KEY = "liveeval"
_CONFIGURATION = {
    "delta.dataSkippingStatsColumns": "week",
    # delta-rs drops old log entries at checkpoints; published versions must stay readable
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 30 days",
}
_RETRIES = 20


@dataclass(frozen=True)
class Commit:
    """A commit of ours as the table's history tells it."""

    version: int
    note: Mapping[str, object]


class Lake:
    """Delta tables under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def uri(self, spec: TableSpec) -> str:
        """Where a table lives."""
        return str(self.root / spec.stage / spec.name)

    def create(self, specs: Iterable[TableSpec]) -> None:
        """Create the tables that do not exist yet, under a lock: concurrent first writers break each other."""
        self.root.mkdir(parents=True, exist_ok=True)
        missing = [s for s in specs if not DeltaTable.is_deltatable(self.uri(s))]
        if not missing:
            return
        with FileLock(str(self.root / ".create.lock")):
            for spec in missing:
                DeltaTable.create(
                    self.uri(spec),
                    schema=spec.schema,
                    mode="ignore",
                    partition_by=["week"] if spec.is_partitioned else None,
                    description=spec.description,
                    configuration=_CONFIGURATION,
                )

    def version(self, spec: TableSpec) -> int:
        """Newest version of a table."""
        return int(self._open(spec).version())

    def read(
        self,
        spec: TableSpec,
        weeks: Iterable[date] | None = None,
        version: int | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Rows of the given weeks (all when None), in the declared schema or the named columns of it.

        Raises:
            LakeError: the table does not exist or cannot be read.
        """
        table = self._open(spec, version)
        schema = spec.schema if columns is None else pa.schema([spec.schema.field(name) for name in columns])
        where = ""
        if weeks is not None:
            days = ", ".join(f"DATE '{w:%Y-%m-%d}'" for w in weeks)
            if not days:
                return schema.empty_table()
            where = f" WHERE week IN ({days})"
        try:
            # to_pyarrow_table() can abort the process at exit; the query engine does not
            wanted = ", ".join(f'"{name}"' for name in schema.names)
            found = pa.table(QueryBuilder().register("t", table).execute(f"SELECT {wanted} FROM t{where}"))  # noqa: S608 (names of the declaration, dates)
        except (DeltaError, pa.ArrowException, OSError) as error:
            raise LakeError(f"{spec.path} v{table.version()}: unreadable ({type(error).__name__}); run `liveeval doctor`") from None
        return found.cast(schema) if found.num_rows else schema.empty_table()

    def write(self, spec: TableSpec, week: date, rows: pa.Table, note: Mapping[str, object]) -> int:
        """Replace a week in one commit (append to an append-only table) and return the version of that very commit.

        Args:
            note: provenance that the commit repeats, so that the catalogue can be mended after a crash.

        Raises:
            SchemaViolation: rows are not as declared; nothing was written.
            LakeError: the commit failed; the table is as it was.
        """
        if not rows.schema.equals(spec.schema):
            raise SchemaViolation(spec.path, "the schema is as declared", rows.num_rows)
        commit_id = uuid.uuid4().hex
        metadata = {COMMIT_KEY: json.dumps({**note, "commit_id": commit_id}, sort_keys=True)}
        table = self._open(spec)
        before = int(table.version())
        try:
            properties = CommitProperties(custom_metadata=metadata, max_commit_retries=_RETRIES)
            if spec.is_append_only:
                write_deltalake(table, rows, mode="append", commit_properties=properties)
            else:
                write_deltalake(table, rows, mode="overwrite", predicate=f"week = '{week:%Y-%m-%d}'", commit_properties=properties)
        except CommitFailedError:
            raise LakeError(f"{spec.path} week {week}: another run wrote this week at the same time; run it again") from None
        except (DeltaError, pa.ArrowException, OSError) as error:
            # the original message may preview rows
            raise LakeError(f"{spec.path} week {week}: the commit failed ({type(error).__name__}); nothing was written") from None
        if int(table.version()) == before + 1:
            return before + 1
        return self._version_of(spec, commit_id)

    def _version_of(self, spec: TableSpec, commit_id: str) -> int:
        """The version that carries our id: under concurrent writers, a handle's own version may be another's."""
        for _ in range(_RETRIES):
            table = self._open(spec)
            history = table.history()
            # a commit that arrives between opening and listing shifts every version of the listing
            if len(history) == table.version() + 1:
                return next(int(h["version"]) for h in history if commit_id in h.get(COMMIT_KEY, ""))
        raise LakeError(f"{spec.path}: too many runs are writing this table at the same time; run it again")

    def drop_unreadable(self, spec: TableSpec) -> int:
        """Take files that are gone or broken out of a table; what they held must be written again. Returns their number."""
        table = self._open(spec)
        for file in map(Path, table.file_uris()):
            try:
                pq.ParquetFile(file).read()
            except (pa.ArrowException, OSError):
                if file.exists():
                    file.rename(file.with_name(f"{file.name}.damaged"))
        return len(table.repair()["files_removed"])

    def commits(self, spec: TableSpec, limit: int) -> list[Commit]:
        """Our newest commits of a table, newest first."""
        history = self._open(spec).history(limit)
        return [Commit(int(h["version"]), json.loads(h[COMMIT_KEY])) for h in history if COMMIT_KEY in h]

    def _open(self, spec: TableSpec, version: int | None = None) -> DeltaTable:
        try:
            return DeltaTable(self.uri(spec), version=version)
        except TableNotFoundError:
            raise LakeError(f"{spec.path} does not exist under {self.root}; run `liveeval init`") from None
        except (DeltaError, pa.ArrowException, OSError) as error:
            raise LakeError(f"{spec.path} cannot be opened ({type(error).__name__}); run `liveeval doctor`") from None
