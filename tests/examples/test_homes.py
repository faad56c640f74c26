"""The example homes read real exports whole: every record is kept or quarantined, and outcomes join."""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from liveeval_assets.outcomes.assets import _scales
from liveeval_assets.outcomes.events import build_events, by_conversation
from liveeval_assets.outcomes.matured import mature
from liveeval_assets.releases.assets import _releases
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import outcome_entries, recorded_weeks, trace_entries, trace_index
from liveeval_assets.samples.turns import choose_turn
from liveeval_assets.shared.ids import conversation_id
from liveeval_assets.tables import TABLES
from liveeval_assets.traces.ingest import Ingested, Limits, ingest, repeats
from liveeval_assets.verdicts.roster import require_strangers, roster_of
from tests.examples.data import EXAMPLES, VARIABLE, real_data
from tests.homes import liveeval

NAMES = ("convai2", "taubench")
UNIDENTIFIED = {"verbosity", "self_pref", "false_pass", "false_fail", "contamination", "mix", "within", "uncovered", "construct"}
pytestmark = pytest.mark.realdata


@pytest.fixture
def open_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Home]:
    """A copy of an example over the real data, so that nothing is written beside the original."""

    def open_(name: str) -> Home:
        folder = real_data({"convai2": "convai2", "taubench": "taubench_airline"}[name])
        monkeypatch.setenv(VARIABLE, str(folder.parent))
        for file in (EXAMPLES / name).glob("*.yaml"):
            shutil.copy(file, tmp_path)
        return Home(tmp_path)

    return open_


def _raw(folder: str) -> list[dict[str, Any]]:
    (file,) = (real_data(folder) / "dev").glob("*.jsonl.gz")
    return [orjson.loads(line) for line in gzip.decompress(file.read_bytes()).split(b"\n") if line.strip()]


def _ingest(home: Home) -> dict[date, Ingested]:
    """Both tables of each week of the home."""
    index, traces = trace_index(home, repeats), home.settings.traces
    limits = Limits(home.settings.clock.now, timedelta(minutes=5), traces.max_turns)
    return {
        week: ingest(trace_entries(home, spots), index.marks, week=week, key=home.hmac_key, limits=limits, read_probability=1.0)
        for week, spots in index.weeks.items()
    }


def _matured(home: Home, weeks: dict[date, Ingested]) -> list[dict[str, Any]]:
    settings, entries, rows = home.settings, outcome_entries(home, by_conversation), []
    window = timedelta(days=settings.outcomes.north_star.window_days)
    for week, found in weeks.items():
        ids = found.conversations["conversation_id"].to_pylist()
        events = build_events(ids, entries, _scales(home), week=week, now=settings.clock.now).table
        rows += mature(found.conversations, events, week=week, now=settings.clock.now, window=window).table.to_pylist()
    return rows


@pytest.mark.parametrize(("name", "n", "n_weeks"), [("convai2", 291, 16), ("taubench", 100, 4)])
def test_every_record_is_kept_or_quarantined_in_a_reported_week(open_example: Callable[[str], Home], name: str, n: int, n_weeks: int) -> None:
    home = open_example(name)
    weeks = _ingest(home)
    assert sum(w.conversations.num_rows + w.quarantine.num_rows for w in weeks.values()) == n
    assert set(weeks) <= set(home.settings.clock.weeks)
    assert recorded_weeks(home) == set(weeks)
    assert len(weeks) == n_weeks


def test_dialogues_in_which_no_user_speaks_are_the_only_ones_refused(open_example: Callable[[str], Home]) -> None:
    weeks = _ingest(open_example("convai2"))
    silent = sum(not any(t["role"] == "user" and t["text"].strip() for t in row["turns"]) for row in _raw("convai2"))
    assert sum((Counter(w.reasons) for w in weeks.values()), Counter()) == {"no_user_turn": silent}


def test_dialogues_without_a_bots_answer_stay_conversations_and_are_no_items(open_example: Callable[[str], Home]) -> None:
    weeks = _ingest(open_example("convai2"))
    items = {w: sum(choose_turn(m, 1, "", "last") is not None for m in found.conversations["messages"].to_pylist()) for w, found in weeks.items()}
    assert 0 < sum(items.values()) < sum(w.conversations.num_rows for w in weeks.values())
    # a real week in which people wrote and nobody answered
    assert [w for w, n in items.items() if not n] == [date(2018, 8, 27)]


def test_ratings_join_their_dialogues_and_null_is_missing(open_example: Callable[[str], Home]) -> None:
    home = open_example("convai2")
    rows = _matured(home, _ingest(home))
    kept = {r["conversation_id"] for r in rows}
    rated = {}
    for raw in _raw("convai2"):
        name = conversation_id(home.hmac_key, "convai2", raw["dialogue_id"])
        if name in kept and raw["eval_score"] is not None:
            rated[name] = (raw["eval_score"] - 1) / 4
    assert {r["conversation_id"]: r["y"] for r in rows if r["status"] == "observed"} == pytest.approx(rated)
    assert {r["status"] for r in rows} == {"observed", "missing"}


def test_rewards_join_their_runs_and_trials_are_weeks(open_example: Callable[[str], Home]) -> None:
    home = open_example("taubench")
    weeks = _ingest(home)
    assert [w.conversations.num_rows for w in weeks.values()] == [25] * 4
    assert all(len(set(w.conversations["user_key"].to_pylist())) == 25 for w in weeks.values())
    rows = _matured(home, weeks)
    assert [r["status"] for r in rows] == ["observed"] * 100
    by_trial: Counter[int] = Counter()
    for raw in _raw("taubench_airline"):
        by_trial[raw["trial"]] += raw["reward"]
    first = home.settings.clock.first_week
    found: Counter[int] = Counter()
    for row in rows:
        found[(row["week"] - first).days // 7] += row["y"]
    assert found == by_trial
    assert any("function" in (m["tool_calls"] or "") for w in weeks.values() for ms in w.conversations["messages"].to_pylist() for m in ms)


@pytest.mark.parametrize("name", NAMES)
def test_releases_are_listed_and_judges_are_strangers_to_them(open_example: Callable[[str], Home], name: str) -> None:
    home = open_example(name)
    releases = _releases(home)
    served = {r for w in _ingest(home).values() for r in w.conversations["release_id"].to_pylist()}
    assert served <= {r.id for r in releases}
    require_strangers(roster_of(home.settings.verdicts, home.settings.llm.models), {r.id: r.family for r in releases})


@pytest.mark.proof
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", NAMES)
def test_the_whole_graph_runs_on_the_example(open_example: Callable[[str], Home], name: str) -> None:
    home = open_example(name)
    weeks = home.settings.clock.weeks
    for some in (weeks[k : k + 4] for k in range(0, len(weeks), 4)):
        done = liveeval(home.path, "refresh", "--weeks", f"{some[0]}..{some[-1]}", **{VARIABLE: os.environ[VARIABLE]})
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    published = Home(home.path)
    # also the week in which nothing was answered
    assert published.catalogue.weeks("scorecards/scores") == weeks
    gap = published.lake.read(TABLES["scorecards/gap"]).to_pylist()
    assert not [g["component"] for g in gap if g["component"] in UNIDENTIFIED and g["is_identified"]]
    assert all(g["reason"] for g in gap if not g["is_identified"])
