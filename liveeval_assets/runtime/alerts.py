"""Freshness as a contract: a partition-aware check, a badge in the UI, and one sensor that tells a webhook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.freshness import Freshness, freshness
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.shared.errors import SettingsError

_TIMEOUT_SECONDS = 10.0
_DEADLINE = "0 9 * * 1"
_WEEK = timedelta(days=7)


def with_policy(assets: Iterable[Any]) -> list[Any]:
    """The weekly assets with the badge of the UI: due on Mondays at nine, UTC.

    The badge reads the wall clock and any partition; a home with a fixed clock has none. What it cannot see, `is_fresh` does.
    """
    if open_home().settings.clock.as_of is not None:
        return list(assets)
    policy = dg.FreshnessPolicy.cron(deadline_cron=_DEADLINE, lower_bound_delta=_WEEK)
    return [*dg.map_asset_specs(lambda spec: spec.replace_attributes(freshness_policy=policy), assets)]


@dg.asset_check(asset=PUBLISHED.split("/"), description="The newest week that is due has a scorecard, whatever older weeks were re-run.")
def is_fresh() -> dg.AssetCheckResult:
    """Partition-aware freshness at the settings' clock."""
    # not reloaded: in a run, the catalogue at hand is newer than the stored one
    state = freshness(open_home())
    return dg.AssetCheckResult(
        passed=not state.is_stale,
        severity=dg.AssetCheckSeverity.ERROR,
        description=state.sentence,
        metadata={"newest_week": str(state.newest), "overdue_weeks": len(state.overdue), "age_days": state.age_days or -1.0},
    )


def send(home: Home, state: Freshness) -> bool:
    """POST the finding to the configured webhook as Slack-compatible JSON; False if none is configured.

    Raises:
        SettingsError: the webhook refused it or cannot be reached.
    """
    import httpx

    url = os.environ.get(home.settings.alerts.webhook_env)
    if not url:
        return False
    body = {
        "text": f"liveeval, {home.settings.product}: {state.sentence}",
        "status": "STALE" if state.is_stale else "FRESH",
        "newest_week": str(state.newest) if state.newest else None,
        "overdue_weeks": [w.isoformat() for w in state.overdue],
        "as_of": state.now.isoformat(),
    }
    try:
        httpx.post(url, json=body, timeout=_TIMEOUT_SECONDS, follow_redirects=False).raise_for_status()
    except httpx.HTTPError as error:
        # the address is a secret: name the variable, not the URL
        raise SettingsError(f"the webhook in {home.settings.alerts.webhook_env} did not take the alert ({type(error).__name__})") from None
    return True


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING, job_name="publish")
def alert(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Tell the webhook when the scorecard becomes stale or another week is missed, and when it is fresh again.

    A change also requests `publish`, so that marts and page say STALE.
    """
    home = open_home()
    home.reload()
    state = freshness(home)
    seen = json.loads(context.cursor or "{}")
    now = {"stale": state.is_stale, "overdue": [w.isoformat() for w in state.overdue]}
    if now == seen or (not seen and not state.is_stale):
        context.update_cursor(json.dumps(now))
        yield dg.SkipReason(state.sentence)
        return
    send(home, state)
    context.update_cursor(json.dumps(now))
    yield dg.RunRequest(run_key=f"{state.now.isoformat()} {json.dumps(now)}")
