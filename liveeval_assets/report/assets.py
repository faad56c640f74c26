"""The weekly page: written whole, then put in its place; not written at all when everything it rests on is as it was."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from liveeval_assets.report import tables
from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.factory import REGISTERED, LakeAsset
from liveeval_assets.runtime.freshness import freshness
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.partitions import WEEKLY
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.weeks import parse_week

if TYPE_CHECKING:
    from liveeval_assets.report.facts import About

_READS = (
    Read("scorecards/scores", Weeks.UPTO),
    Read("scorecards/gap", Weeks.UPTO),
    Read("verdicts/judge_health"),
    Read("eval_sets/staleness"),
    Read("samples/assigned"),
    Read("samples/strata", Weeks.UPTO),
    Read("releases/registry", Weeks.UPTO),
)
_LATEST = "latest.html"
_HEAD_BYTES = 2000


class Page(LakeAsset):
    """A weekly asset whose output is files: current while each carries the fingerprint that it would be given now."""

    def inputs(self, home: Home, week: date) -> dict[str, str]:
        """Content of the tables, and whether the week is the newest and its successor overdue."""
        return {**super().inputs(home, week), "notice": notice(home, week)}

    def wanted(self, home: Home, week: date) -> dict[Path, tuple[str, str]]:
        """The files of a week with their fingerprint and notice: its page, and `latest.html` if no newer week has a scorecard.

        Only `latest.html` says STALE: the page of a week stays as it was when the week was made.
        """
        folder = home.marts / "report"
        inputs = self.inputs(home, week)
        found = {folder / f"{week}.html": (self.fingerprint(home, {**inputs, "notice": ""}), "")}
        if home.catalogue.weeks(PUBLISHED)[-1:] == [week]:
            found[folder / _LATEST] = (self.fingerprint(home, inputs), inputs["notice"])
        return found

    def is_current(self, home: Home, week: date) -> bool:
        """Whether every file of the week is what it would become."""
        return all(_carries(path, fingerprint) for path, (fingerprint, _) in self.wanted(home, week).items())


def notice(home: Home, week: date) -> str:
    """Why the newest page is STALE; empty for an older week and while it is fresh."""
    state = freshness(home)
    if not state.is_stale or state.newest != week:
        return ""
    if state.overdue:
        return f"{state.sentence.removeprefix('STALE: ')}."
    return f"No conversation has arrived since the week of {week}; check the trace source."


@lru_cache
def _template_hash() -> str:
    return digest(*(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.j2"))))


def _no_table(run: Run) -> pa.Table:
    raise NotImplementedError("a page is no table: the asset below writes it")


PAGE = Page(
    body=_no_table,
    writes=(tables.PAGE,),
    reads=_READS,
    checks=(),
    sections=("scorecards", "outcomes"),
    source=lambda home, _: digest(home.settings.product, _template_hash()),
)
REGISTERED[PAGE.name] = PAGE


@dg.asset(
    key=["report", "page"],
    partitions_def=WEEKLY,
    deps=[dg.AssetDep(read.table.split("/")) for read in _READS],
    description=tables.PAGE.description,
    group_name="report",
    kinds={"python", "html"},
    owners=["team:evals"],
)
def page(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
    """Write the week's page unless it is current, and show its findings in the metadata."""
    # the charting library is not imported while definitions load
    from liveeval_assets.report.page import render

    opened = home.open()
    week = parse_week(context.partition_key)
    wanted = PAGE.wanted(opened, week)
    own = next(iter(wanted))
    metadata: dict[str, dg.MetadataValue] = {"page": dg.MetadataValue.path(str(own))}
    if PAGE.is_current(opened, week):
        metadata["unchanged"] = dg.MetadataValue.bool(True)
    else:
        found = {r.table: opened.lake.read(r.spec, r.of(opened, week)) for r in _READS}
        for path, (fingerprint, said) in wanted.items():
            made = render(found, _about(opened, week, said, fingerprint))
            _put(path, made.html)
        metadata["finding"] = dg.MetadataValue.text(made.headline)
        metadata["charts"] = dg.MetadataValue.md("\n\n".join(_image(name, svg) for name, svg in made.charts.items()))
    yield dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(wanted[own][0]))


def _about(home: Home, week: date, said: str, fingerprint: str) -> "About":
    from liveeval_assets.report.facts import About

    settings = home.settings
    north_star = settings.outcomes.north_star.name.replace("_", " ")
    return About(settings.product, north_star, week, settings.scorecards.min_users, said, fingerprint)


def _carries(path: Path, fingerprint: str) -> bool:
    """Whether a page was made from exactly this."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return f'content="{fingerprint}"'.encode() in file.read(_HEAD_BYTES)


def _put(path: Path, html: str) -> None:
    """Write beside, then rename: a reader sees the old page or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(html, "utf-8")
    fresh.replace(path)


def _image(name: str, svg: str) -> str:
    from liveeval_assets.report.charts import picture

    return f"![{name}](data:image/png;base64,{b64encode(picture(svg)).decode()})"
