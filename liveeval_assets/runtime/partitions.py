"""The one partitioning: weeks from Monday to Monday, UTC, as the settings of the home say."""

from __future__ import annotations

import dagster as dg

from liveeval_assets.runtime.home import open_home
from liveeval_assets.shared.weeks import WEEK, start_of


def weekly() -> dg.WeeklyPartitionsDefinition:
    """Weeks from `clock.first_week` to `clock.last_week` (open-ended when it is unset)."""
    clock = open_home().settings.clock
    return dg.WeeklyPartitionsDefinition(
        start_date=start_of(clock.first_week),
        end_date=start_of(clock.last_week) + WEEK if clock.last_week else None,
        day_offset=1,
        timezone="UTC",
        fmt="%Y-%m-%d",
    )


WEEKLY = weekly()
