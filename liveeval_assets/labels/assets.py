"""Assets of the stage `labels`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.labels import checks
from liveeval_assets.labels.consensus import build_consensus
from liveeval_assets.labels.ratings import collect_ratings
from liveeval_assets.labels.tasks import plan_tasks
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inbox import inbox_rows, put_ratings
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.shared.hashing import digest, digest_json
from liveeval_assets.tables import TABLES


def _inbox(home: Home) -> Path:
    return home.path / home.settings.labels.inbox


def _ratings_fingerprint(home: Home, week: date) -> str:
    """Only ratings of this week's tasks count, so that another week's ratings do not re-open it."""
    tasks = set(home.lake.read(TABLES["labels/tasks"], [week])["task_id"].to_pylist())
    found = ((file, fields) for file, _, fields in inbox_rows(_inbox(home)) if not fields.get("task_id") or str(fields["task_id"]) in tasks)
    return digest(*sorted(digest_json([file, fields]) for file, fields in found))


@lake_asset(writes="labels/tasks", reads=(Read("eval_sets/versions", Weeks.UPTO), "responses/answers"))
def tasks(run: Run) -> pa.Table:
    """Answers that people are asked about."""
    labels = run.settings.labels
    shares = {"frozen": labels.frozen_share, "living": labels.living_share}
    versions, answers = run.read("eval_sets/versions"), run.read("responses/answers")
    planned = plan_tasks(
        versions, answers, week=run.week, seed=run.settings.seed, shares=shares, multi_rater_share=labels.multi_rater_share, raters=labels.raters
    )
    if labels.embedded_raters:
        # the simulated people answer at once, through the same inbox as real ones
        put_ratings(_inbox(run.home), f"{run.week}.jsonl", run.services.rate(planned))
    return planned


@lake_asset(writes="labels/ratings", reads=("labels/tasks",), checks=checks.RATINGS_CHECKS, source=_ratings_fingerprint, kinds=("file",))
def ratings(run: Run) -> pa.Table:
    """Ratings of the week's tasks, rebuilt from the inbox."""
    wanted = run.read("labels/tasks")
    return collect_ratings(inbox_rows(_inbox(run.home)), wanted["task_id"].to_pylist(), week=run.week)


@lake_asset(writes="labels/consensus", reads=("labels/tasks", Read("labels/ratings", Weeks.UPTO)), checks=checks.CONSENSUS_CHECKS)
def consensus(run: Run) -> pa.Table:
    """What people say of each answer, corrected for their own error."""
    everything = run.read("labels/ratings")
    own = everything.filter(pc.equal(everything["week"], pa.scalar(run.week)))
    return build_consensus(run.read("labels/tasks"), own, everything, week=run.week, seed=run.settings.seed)
