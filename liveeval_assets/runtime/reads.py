"""What an asset reads, and what its body sees of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.home import Home
from liveeval_assets.settings import Settings
from liveeval_assets.shared.spec import TableSpec
from liveeval_assets.tables import TABLES

if TYPE_CHECKING:
    from liveeval_assets.runtime.services import Services


class Weeks(Enum):
    """Which weeks of a table an asset of week w reads."""

    SAME = "same"
    PAST = "past"  # all weeks before w
    UPTO = "upto"  # all weeks up to w
    WINDOW = "window"  # the settings' window of weeks up to w
    PREVIOUS = "previous"  # the newest week before w
    FIRST = "first"  # the first week with rows, where frozen things are stamped, and w itself


@dataclass(frozen=True)
class Read:
    """A table and the weeks of it that an asset reads."""

    table: str
    weeks: Weeks = Weeks.SAME

    @property
    def spec(self) -> TableSpec:
        """Declaration of the table."""
        return TABLES[self.table]

    def of(self, home: Home, week: date) -> list[date]:
        """The written weeks that the asset of `week` reads."""
        written = home.catalogue.weeks(self.table, week)
        if self.weeks is Weeks.SAME:
            return [w for w in written if w == week]
        if self.weeks is Weeks.PAST:
            return [w for w in written if w < week]
        if self.weeks is Weeks.WINDOW:
            first = week - timedelta(weeks=home.settings.scorecards.window_weeks - 1)
            return [w for w in written if w >= first]
        if self.weeks is Weeks.PREVIOUS:
            return [w for w in written if w < week][-1:]
        if self.weeks is Weeks.FIRST:
            first = next((w for w in written if (e := home.catalogue.get(self.table, w)) and e.n_rows), week)
            return [w for w in written if w in (first, week)]
        return written


@dataclass
class Run:
    """What an asset body sees: its week, the settings, the declared reads and the services; it notes counts."""

    week: date
    home: Home
    reads: Mapping[str, Read]
    services: "Services"
    report: Callable[[str], None]
    metadata: dict[str, Any] = field(default_factory=dict)
    _seen: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The home's settings."""
        return self.home.settings

    def read(self, table: str) -> pa.Table:
        """Rows of a declared read; an undeclared one is an error, lineage must not lie."""
        if table not in self._seen:
            read = self.reads[table]
            rows = self.home.lake.read(read.spec, read.of(self.home, self.week))
            self._seen[table] = first_by_key(rows, read.spec) if read.spec.is_append_only else rows
        return self._seen[table]

    def stored(self, table: str) -> pa.Table:
        """Rows of an own table that the week holds since it was published, else none: sources may forget them, the lake does not."""
        entry, is_published = self.home.catalogue.get(table, self.week), self.home.catalogue.get(PUBLISHED, self.week) is not None
        if entry is None or entry.is_damaged or not is_published:
            return TABLES[table].empty()
        return self.home.lake.read(TABLES[table], [self.week])

    def note(self, **counts: Any) -> None:
        """Add counts, hashes or charts to the materialisation's metadata; never row content."""
        self.metadata.update(counts)


def first_by_key(rows: pa.Table, spec: TableSpec) -> pa.Table:
    """The first row of each key, in the order of the rows: how an append-only table is read."""
    first: dict[tuple[Any, ...], int] = {}
    for position, key in enumerate(zip(*(rows[name].to_pylist() for name in spec.key), strict=True)):
        first.setdefault(key, position)
    return rows.take(pa.array(first.values(), pa.int64()))
