"""`liveeval refresh`: one process, one Dagster run per week that needs one, oldest first, then dbt once."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console

from liveeval_assets.cli.init import run_init
from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.journal import open_journal
from liveeval_assets.shared.errors import LiveEvalError, SettingsError
from liveeval_assets.shared.weeks import parse_week
from liveeval_assets.tables import TABLES

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

console = Console(stderr=True, highlight=False, soft_wrap=True)
Seconds = defaultdict[str, float]
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # what fails is told in one sentence below; the trace is in the UI


class RefreshFailed(LiveEvalError):
    """A week's run failed; later weeks were not started, because they build on it."""


def run_refresh(weeks: str | None) -> Seconds:
    """Bring the chosen weeks up to date and publish the marts; returns seconds per stage."""
    started = time.perf_counter()
    home = run_init()
    chosen = choose(home, weeks)
    seconds: Seconds = defaultdict(float)
    seconds["start"] = time.perf_counter() - started
    if not chosen:
        console.print("no week is complete yet: nothing to refresh")
    from dagster import DagsterInstance

    with home.alone(seconds=0), DagsterInstance.get() as instance:
        n_before = _n_calls(home)
        try:
            for week in chosen:
                refresh_week(home, week, instance, seconds)
            publish(home, instance, seconds)
        finally:
            _print_seconds(seconds)
            console.print(f"model calls: {_n_calls(home) - n_before} bought")
    return seconds


def _n_calls(home: Home) -> int:
    """Finished calls that the home has bought so far."""
    journal = open_journal(home)
    try:
        return journal.n_calls
    finally:
        journal.close()


def choose(home: Home, weeks: str | None) -> list[date]:
    """Complete weeks in `FIRST..LAST`, or all of them.

    Raises:
        SettingsError: the range is not of that form, holds no complete week, or leaves out a week that it builds on.
    """
    known = home.settings.clock.weeks
    if weeks is None:
        return known
    first, dots, last = weeks.partition("..")
    try:
        low, high = parse_week(first), parse_week(last if dots else first)
    except ValueError as error:
        raise SettingsError(f"--weeks {weeks}: {error}") from None
    found = [w for w in known if low <= w <= high]
    if not found:
        raise SettingsError(f"--weeks {weeks}: no complete week in that range; this home has {known[0]}..{known[-1]}" if known else "no complete week yet")
    from liveeval_assets.runtime.inputs import unpublished_before

    earlier = unpublished_before(home, found[0])
    if earlier is not None:
        mend = f"weeks build on each other, begin with --weeks {earlier}..{found[-1]}"
        raise SettingsError(f"--weeks {weeks}: week {earlier} has records and no scorecard; {mend}")
    return found


def refresh_week(home: Home, week: date, instance: DagsterInstance, seconds: Seconds) -> bool:
    """One Dagster run of a week, unless the catalogue says that nothing changed; True if it ran."""
    from liveeval_assets.definitions import defs
    from liveeval_assets.runtime.automation import WEEKLY_REFRESH, stale_assets
    from liveeval_assets.runtime.inputs import beginning, recorded_weeks

    if week not in recorded_weeks(home) and home.catalogue.get(PUBLISHED, week) is None:
        why = (
            "it is older than the first week that has a scorecard"
            if week < beginning(home)
            else "no trace record belongs to it (a quiet week, or its export is late)"
        )
        console.print(f"week {week}  skipped: {why}")
        return False
    started = time.perf_counter()
    stale = stale_assets(home, week)
    seconds["compare"] += time.perf_counter() - started
    if not stale:
        console.print(f"week {week}  unchanged")
        return False
    console.print(f"week {week}  {len(stale)} asset(s) to bring up to date")
    job = defs.resolve_job_def(WEEKLY_REFRESH.name)
    result = job.execute_in_process(instance=instance, partition_key=week.isoformat(), run_config=_QUIET, raise_on_error=False)
    _count(result, seconds)
    home.catalogue.flush()
    if not result.success:
        why = "; ".join(_reasons(result))
        raise RefreshFailed(f"week {week} failed: {why}; see run {result.run_id[:8]} in the Dagster UI, mend, and run the same command again")
    for line in (*_refused(home, week), *_warnings(result)):
        console.print(f"  week {week}  {line}", style="yellow")
    console.print(f"week {week}  done in {time.perf_counter() - started:.1f} s")
    return True


def publish(home: Home, instance: DagsterInstance, seconds: Seconds) -> bool:
    """One dbt build and publication, unless the marts are up to date; True if it ran."""
    from liveeval_assets.definitions import defs
    from liveeval_assets.runtime.automation import PUBLISH
    from liveeval_assets.runtime.dbt import needs_build

    if not needs_build(home):
        console.print("marts            unchanged")
        return False
    console.print("marts            dbt build and publication")
    started = time.perf_counter()
    job = defs.resolve_job_def(PUBLISH.name)
    result = job.execute_in_process(instance=instance, run_config=_QUIET, raise_on_error=False)
    seconds["marts"] += time.perf_counter() - started
    if not result.success:
        raise RefreshFailed(f"the marts were not published: {'; '.join(_reasons(result))}; the old ones are still served")
    return True


def _reasons(result: ExecuteInProcessResult) -> Iterable[str]:
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            yield data.user_failure_data.description if data.user_failure_data and data.user_failure_data.description else str(event.step_key)


def _refused(home: Home, week: date) -> Iterable[str]:
    """How many records of the week were not used, by reason."""
    entry = home.catalogue.get("traces/quarantine", week)
    if entry is not None and entry.n_rows:
        reasons = Counter(home.lake.read(TABLES["traces/quarantine"], [week], columns=["reason"])["reason"].to_pylist())
        yield f"traces/quarantine: {', '.join(f'{n} {reason}' for reason, n in sorted(reasons.items()))}"


def _warnings(result: ExecuteInProcessResult) -> Iterable[str]:
    """Checks that failed without stopping the week, with their mends."""
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.severity.value == "WARN" and check.description:
            yield f"{'/'.join(check.asset_key.path)}: {check.description}"


def _count(result: ExecuteInProcessResult, seconds: Seconds) -> None:
    for event in result.all_events:
        if event.is_step_success and event.step_key:
            seconds[event.step_key.split("__")[0]] += event.step_success_data.duration_ms / 1000


def _print_seconds(seconds: Seconds) -> None:
    line = "  ".join(f"{stage} {value:.1f}" for stage, value in seconds.items() if value >= 0.05)
    console.print(f"seconds per stage: {line}")
