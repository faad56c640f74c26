"""Assets of the stage `samples`: raw conversations become an anonymised, embedded, stratified draw."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.fingerprint import files_fingerprint
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.samples import checks
from liveeval_assets.samples.anonymise import anonymise
from liveeval_assets.samples.assign import assign
from liveeval_assets.samples.draw import draw
from liveeval_assets.samples.embed import embed
from liveeval_assets.samples.imported import import_items
from liveeval_assets.samples.residue import refuse_canaries
from liveeval_assets.samples.strata import born
from liveeval_assets.sources.read import read_rows
from liveeval_assets.tables import TABLES


@lake_asset(writes="samples/anonymised", reads=("traces/conversations",), checks=checks.ANONYMISED, kinds=("presidio",))
def anonymised(run: Run) -> pa.Table:
    """Mask the drawn turn, its history and its answer."""
    settings = run.settings.samples
    items, left_out = anonymise(run.read("traces/conversations"), settings.layers, settings.turn, settings.phase1_size, run.settings.seed)
    run.note(canaries=refuse_canaries(items, settings.canaries, "samples/anonymised"), **left_out)
    return items


@lake_asset(writes="samples/embedded", reads=("samples/anonymised",), checks=checks.EMBEDDED, kinds=("huggingface",))
def embedded(run: Run) -> pa.Table:
    """Embed the drawn turns."""
    return embed(run.read("samples/anonymised"), run.services.embedder)


@lake_asset(
    writes="samples/strata",
    reads=(Read("samples/embedded", Weeks.WINDOW), Read("samples/anonymised", Weeks.WINDOW), Read("samples/strata", Weeks.PAST)),
    checks=checks.STRATA,
    kinds=("scikitlearn",),
)
def strata(run: Run) -> pa.Table:
    """Fit the strata in the first week, add to them later."""
    settings = run.settings.samples
    return born(run.read("samples/embedded"), run.read("samples/anonymised"), run.read("samples/strata"), settings.strata, settings.far_share, run.week)


@lake_asset(writes="samples/assigned", reads=("samples/embedded", "samples/anonymised", Read("samples/strata", Weeks.UPTO)), checks=checks.ASSIGNED)
def assigned(run: Run) -> pa.Table:
    """Put every conversation into its nearest stratum and find exact repeats."""
    return assign(run.read("samples/embedded"), run.read("samples/anonymised"), run.read("samples/strata"), run.settings.seed)


def _static_set(home: Home, _week: date) -> str:
    frozen = home.settings.eval_sets.frozen
    return files_fingerprint(home.path, frozen.source.files) if frozen else ""


@lake_asset(
    writes="samples/imported",
    reads=(Read("samples/strata", Weeks.UPTO),),
    checks=checks.IMPORTED,
    sections=("eval_sets",),
    source=_static_set,
)
def imported(run: Run) -> pa.Table:
    """Import the team's static set in the first week."""
    frozen, born_so_far = run.settings.eval_sets.frozen, run.read("samples/strata")
    is_first_week = set(born_so_far.column("week").to_pylist()) == {run.week}
    if frozen is None or not is_first_week:
        return TABLES["samples/imported"].empty()
    settings = run.settings.samples
    records = read_rows(run.home.path, frozen.source)
    items, left_out = import_items(records, born_so_far, settings.layers, run.services.embedder, run.week)
    run.note(canaries=refuse_canaries(items, settings.canaries, "samples/imported"), **left_out)
    return items


@lake_asset(writes="samples/drawn", reads=("samples/assigned", "samples/anonymised"), checks=checks.DRAWN)
def drawn(run: Run) -> pa.Table:
    """Draw the week's items."""
    settings = run.settings.samples
    return draw(run.read("samples/assigned"), run.read("samples/anonymised"), settings.items_per_week, settings.stratum_floor, run.settings.seed, run.week)
