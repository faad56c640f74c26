"""One small world through the whole graph, as a user runs it: complete, repeatable, private, resumable."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from liveeval_assets.runtime.home import Home
from liveeval_assets.tables import TABLES
from tests.homes import BIN, contents, environment, hashes, liveeval, make_home, small_world

EMPTY_BY_DESIGN = {"labels/ratings"}


def test_every_table_is_filled_in_every_week_that_it_should_be(small_home: Path) -> None:
    found = contents(small_home)
    for path, spec in TABLES.items():
        weeks = [w for p, w in found if p == path]
        assert len(weeks) == 3, path
        if not spec.may_be_empty:
            assert all(found[path, w].n_rows for w in weeks), path


def test_a_second_refresh_buys_nothing_and_changes_nothing(small_home: Path) -> None:
    before, calls = hashes(small_home), _calls(small_home)
    versions = {p: Home(small_home).lake.version(s) for p, s in TABLES.items()}
    started = time.perf_counter()
    done = liveeval(small_home, "refresh")
    seconds = time.perf_counter() - started
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr.count("unchanged") == 4, done.stderr
    assert (hashes(small_home), _calls(small_home)) == (before, calls)
    assert {p: Home(small_home).lake.version(s) for p, s in TABLES.items()} == versions
    assert seconds < 30


def test_the_same_world_gives_the_same_tables(small_home: Path, tmp_path: Path) -> None:
    again = make_home(tmp_path / "again", small_world())
    done = liveeval(again, "refresh", "--weeks", "2026-06-01")
    assert done.returncode == 0, done.stderr[-3000:]
    wanted = {k: v for k, v in hashes(small_home).items() if k[1] == "2026-06-01"}
    assert hashes(again) == wanted


def test_raw_text_exists_only_in_traces(small_home: Path) -> None:
    """Every file of the home outside traces, the inputs and the key is searched for what users typed about themselves."""
    needles = _personal_needles(small_home)
    assert len(needles) > 10
    skipped = {"source", ".truth", ".secrets", "inbox"}
    searched = 0
    for file in small_home.rglob("*"):
        top = file.relative_to(small_home).parts
        if not file.is_file() or top[0] in skipped or top[:3] == ("data_lake", "traces", "conversations"):
            continue
        searched += 1
        data = file.read_bytes()
        assert not [n for n in needles if n.encode() in data], f"personal data in {'/'.join(top)}"
    assert searched > 100
    home = Home(small_home)
    for path, spec in TABLES.items():
        if not spec.is_private:
            text = str(home.lake.read(spec).to_pydict())
            assert not [n for n in needles if n in text], path


def test_controls_never_reach_a_score(small_home: Path) -> None:
    home = Home(small_home)
    controls = set(home.lake.read(TABLES["verdicts/controls"])["control_id"].to_pylist())
    scored = set(home.lake.read(TABLES["scorecards/item_scores"])["unit_id"].to_pylist())
    assert controls
    assert not controls & scored


def test_components_sum_to_the_gap(small_home: Path) -> None:
    rows = Home(small_home).lake.read(TABLES["scorecards/gap"]).to_pylist()
    groups: dict[tuple[object, ...], dict[str, float]] = {}
    for row in rows:
        groups.setdefault((row["week"], row["release_id"], row["form"]), {})[row["component"]] = row["estimate"] or 0.0
    assert groups
    for lines in groups.values():
        total = sum(v for name, v in lines.items() if name != "gap" and not name.startswith("bar_"))
        assert total == pytest.approx(lines["gap"], abs=1e-9)


def test_marts_are_published_and_agree_with_the_lake(small_home: Path) -> None:
    with duckdb.connect(str(small_home / "marts" / "liveeval.duckdb"), read_only=True) as marts:
        tables = {r[0] for r in marts.execute("select table_name from information_schema.tables").fetchall()}
        n_gap = marts.execute("select count(*) from fct_gap").fetchall()[0][0]
    assert tables >= {"fct_scorecard", "fct_gap", "fct_verdict", "dim_release", "dim_stratum", "dim_week", "dim_component"}
    assert n_gap == Home(small_home).lake.read(TABLES["scorecards/gap"]).num_rows
    assert (small_home / "marts" / "fct_scorecard.parquet").is_file()
    assert (small_home / "marts" / "report" / "latest.html").is_file()


def test_a_late_record_reopens_its_week_but_not_the_frame(small_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "late"
    shutil.copytree(small_home, home)
    # a well-formed conversation in the middle of the first week's file, under another id
    first = min((home / "source" / "traces").glob("2026-06-01*.jsonl"))
    record = json.loads(first.read_bytes().split(b"\n")[20])
    late = json.dumps({**record, "id": f"late-{record['id']}"}).encode()
    with (home / "source" / "traces" / "zz_late.jsonl").open("wb") as file:
        file.write(late + b"\n")
    before = contents(home)
    done = liveeval(home, "refresh")
    assert done.returncode == 0, done.stderr[-3000:]
    after = contents(home)
    changed = {p for (p, w) in after if w == "2026-06-01" and after[p, w].content_hash != before[p, w].content_hash}
    assert "traces/conversations" in changed
    assert not {p for p in changed if TABLES[p].is_frame}
    assert after["traces/conversations", "2026-06-01"].n_rows == before["traces/conversations", "2026-06-01"].n_rows + 1


def test_a_killed_refresh_resumes_to_the_same_tables(small_home: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of judging, then the same command."""
    home = make_home(tmp_path / "killed", small_world())
    process = subprocess.Popen(
        [str(BIN / "liveeval"), "refresh", "--weeks", "2026-06-01"],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while _calls(home) < 60 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    bought = _calls(home)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wanted = {k: v for k, v in hashes(small_home).items() if k[1] == "2026-06-01"}
    n_calls = Home(small_home).lake.read(TABLES["verdicts/calls"])["week"].to_pylist()
    assert 60 <= bought < sum(str(w) == "2026-06-01" for w in n_calls), "the kill must fall into the judging"
    done = liveeval(home, "refresh", "--weeks", "2026-06-01")
    assert done.returncode == 0, done.stderr[-3000:]
    assert hashes(home) == wanted
    calls = Home(home).lake.read(TABLES["verdicts/calls"])["call_id"].to_pylist()
    assert len(calls) == len(set(calls))


def _calls(home: Path) -> int:
    """Finished calls in the journal."""
    journal = home / ".journal" / "calls.sqlite"
    if not journal.exists():
        return 0
    with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as database:
        try:
            return int(database.execute("select count(*) from calls").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def _personal_needles(home: Path) -> set[str]:
    """E-mail addresses, phone numbers and full names of the users' own records that stand in what they typed."""
    rows = Home(home).lake.read(TABLES["traces/conversations"]).to_pylist()
    found: set[str] = set()
    for row in rows:
        text = " ".join(m["text"] for m in row["messages"])
        found |= {e for e in row["known_entities"] or [] if len(e) >= 8 and e in text}
    return found
