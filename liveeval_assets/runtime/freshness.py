"""Is the newest complete week there, and is what it holds recent? Read from the catalogue and the one clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow.compute as pc

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import recorded_weeks
from liveeval_assets.shared.errors import LakeError, SourceError
from liveeval_assets.shared.weeks import WEEK, end_of, week_of
from liveeval_assets.tables import TABLES


@dataclass(frozen=True)
class Freshness:
    """What is missing at `now`: weeks past their deadline, and the age in days of the newest conversation that has a score.

    `refresh` is the command that mends it, `unreadable` says why the trace sources could not be looked at, and `has_records`
    whether they hold records of the overdue weeks.
    """

    refresh: str
    now: datetime
    newest: date | None
    overdue: tuple[date, ...]
    age_days: float | None
    is_stale: bool
    has_records: bool = True
    unreadable: str | None = None

    @property
    def sentence(self) -> str:
        """The finding and the mend in one sentence."""
        if not self.is_stale:
            return f"fresh: the scorecard of week {self.newest} is the newest that is due"
        if self.newest is None:
            return f"STALE: no week has a scorecard; run `{self.refresh}`"
        if self.overdue:
            weeks = f"{self.overdue[0]}..{self.overdue[-1]}" if len(self.overdue) > 1 else str(self.overdue[0])
            command = f"run `{self.refresh} --weeks {self.overdue[0]}..{self.overdue[-1]}`"
            mend = command if self.has_records else f"no trace record belongs to them: check the export, then {command}"
            mend = f"the sources cannot be read ({self.unreadable}); mend that, then {command}" if self.unreadable else mend
            return f"STALE: {len(self.overdue)} week(s) without a scorecard ({weeks}); {mend}"
        return f"STALE: the newest conversation is {self.age_days:.0f} days old; no newer week has data, check the trace source"


def _newest_content(home: Home, newest: date) -> datetime:
    """When the newest conversation of the newest week began; the week's end where there is none, or none that can be read."""
    try:
        found = pc.max(home.lake.read(TABLES["traces/conversations"], [newest], columns=["started_at"])["started_at"]).as_py()
    except LakeError:
        # damage is doctor's finding, and must not silence this one
        return end_of(newest)
    return found if isinstance(found, datetime) else end_of(newest)


def freshness(home: Home) -> Freshness:
    """Partition-aware freshness of the published scorecards at the settings' clock.

    A re-run of an old week does not make a missed week fresh; a week is due `alerts.deadline_hours` after it ended. One
    before the newest scorecard is missed if it has records by now; else it was quiet.
    """
    settings = home.settings
    now = settings.clock.now
    done = home.catalogue.weeks(PUBLISHED)
    newest = done[-1] if done else None
    grace = timedelta(hours=settings.alerts.deadline_hours)
    last_due = week_of(now - grace) - WEEK
    first = settings.clock.first_week
    due = [first + WEEK * i for i in range(((last_due - first).days // 7) + 1)] if last_due >= first else []
    if settings.clock.last_week is not None:
        # a closed period ends with its last week; after it, age alone makes it stale
        due = [w for w in due if w <= settings.clock.last_week]
    missing = [w for w in due if w not in done]
    recorded, unreadable = _recorded(home) if missing else (frozenset(), None)
    overdue = tuple(w for w in missing if newest is None or w > newest or w in recorded)
    age = (now - _newest_content(home, newest)).total_seconds() / 86400 if newest else None
    is_old = age is not None and age > settings.scorecards.stale_after_days
    is_stale = newest is None or bool(overdue) or is_old
    return Freshness(home.command("refresh"), now, newest, overdue, age, is_stale, has_records=any(w in recorded for w in overdue), unreadable=unreadable)


def _recorded(home: Home) -> tuple[frozenset[date], str | None]:
    """Weeks with records, and why they cannot be told: a source that is gone must raise the alarm, not silence it."""
    try:
        return recorded_weeks(home), None
    except SourceError as error:
        return frozenset(), str(error)
