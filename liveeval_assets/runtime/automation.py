"""What opens weeks and what re-opens them.

The weekly schedule alone opens weeks: it requests every complete week that has no scorecard yet, oldest first. One
sensor, `reopen`, requests a published week again when an input outside the frozen frame has changed. `publish` rebuilds
the marts after either.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import dagster as dg

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.factory import REGISTERED
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.inputs import recorded_weeks
from liveeval_assets.shared.hashing import digest_json

_MARTS = dg.AssetSelection.groups("marts", "staging")
# weeks run one at a time, in the order of their requests
WEEKLY_REFRESH = dg.define_asset_job(
    "weekly_refresh",
    selection=dg.AssetSelection.all() - _MARTS,
    description="Traces to scorecards and the page of one week.",
)
PUBLISH = dg.define_asset_job("publish", selection=_MARTS, description="dbt marts and their publication for BI tools.")


def stale_assets(home: Home, week: date) -> list[str]:
    """Names of the assets whose code, settings or inputs of a week differ from the catalogue."""
    return [name for name, asset in REGISTERED.items() if not asset.is_current(home, week)]


@dg.schedule(cron_schedule="0 3 * * 1", job=WEEKLY_REFRESH, execution_timezone="UTC", default_status=dg.DefaultScheduleStatus.RUNNING)
def open_weeks() -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Every Monday at 03:00 UTC: every complete week with records and without a scorecard, oldest first.

    A week without any record is asked for again a week later: its export may be late. The freshness check tells of it meanwhile.
    """
    home = open_home()
    home.reload()
    done = set(home.catalogue.weeks(PUBLISHED))
    missing = [w for w in home.settings.clock.weeks if w not in done and w in recorded_weeks(home)]
    if not missing:
        yield dg.SkipReason("every complete week with records has a scorecard")
    for week in missing:
        yield dg.RunRequest(run_key=f"open {week}", partition_key=week.isoformat())


@dg.sensor(job=WEEKLY_REFRESH, minimum_interval_seconds=300, default_status=dg.DefaultSensorStatus.RUNNING)
def reopen() -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Late records, outcomes and ratings re-open a published week; its frozen frame stays as it is."""
    home = open_home()
    home.reload()
    changed = 0
    for week in home.catalogue.weeks(PUBLISHED):
        stale = stale_assets(home, week)
        if stale:
            changed += 1
            state = digest_json({name: REGISTERED[name].fingerprint_now(home, week) for name in stale})
            # a key is used once; with the day in it, a run that failed is tried again tomorrow
            yield dg.RunRequest(run_key=f"reopen {week} {state} {datetime.now(UTC):%Y-%m-%d}", partition_key=week.isoformat())
    if not changed:
        yield dg.SkipReason("no published week has changed inputs")


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[WEEKLY_REFRESH],
    request_job=PUBLISH,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def publish_after_refresh(context: dg.RunStatusSensorContext) -> dg.RunRequest:
    """Rebuild the marts after a week was refreshed."""
    return dg.RunRequest(run_key=f"publish {context.dagster_run.run_id}")
