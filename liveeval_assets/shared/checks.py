"""What a check is: a pure function from the tables at hand to passed or not, with counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from liveeval_assets.shared.spec import TableSpec

Tables = Mapping[str, pa.Table]
"""Tables by path (`stage/name`): what the asset read and what it is about to write."""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check; `counts` holds numbers and hashes, never row content."""

    passed: bool
    counts: Mapping[str, float | int | str] = field(default_factory=dict)
    mend: str = ""


@dataclass(frozen=True)
class Check:
    """A named check of one table. A blocking one refuses the commit; another one warns."""

    name: str
    spec: TableSpec
    run: Callable[[Tables], CheckResult]
    doc: str
    is_blocking: bool = True
