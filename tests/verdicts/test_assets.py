"""Answers to audit through Dagster, the lake and a real socket: bought once, rebuilt from the call log alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from liveeval_assets.cli import doctor
from liveeval_assets.responses import assets as responses
from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.shared.hashing import table_hash
from liveeval_assets.tables import TABLES
from liveeval_assets.verdicts import assets as verdicts
from tests.faults.llm_server import Scripted, Server, completion, serving
from tests.verdicts import cases
from tests.verdicts.cases import N_FROZEN, N_LIVING, NEXT, WEEK

ASSETS = [responses.answers, verdicts.controls, verdicts.calls, verdicts.judged, verdicts.refutations, verdicts.audited, verdicts.judge_health]
WRITTEN = ["responses/answers", *(f"verdicts/{n}" for n in ("controls", "calls", "judged", "refutations", "audited", "judge_health"))]
SETTINGS = """
clock: {{first_week: 2026-06-01, last_week: 2026-06-08, as_of: 2026-07-01T00:00:00Z}}
llm:
  endpoints: {{it: {{base_url: "{url}", deadline_seconds: 10}}}}
  models:
    generator: {{endpoint: it, model: generator, family: borealis}}
    naive-judge: {{endpoint: it, model: naive-judge, family: aster}}
    panel-judge: {{endpoint: it, model: panel-judge, family: {family}}}
    refuter: {{endpoint: it, model: refuter, family: dorado}}
verdicts: {{naive: naive-judge, panel: [panel-judge], refuters: [refuter], compare_items: 4}}
"""


def speak(body: dict[str, Any], hit: int) -> Scripted:
    """Replies by rule: releases echo, judges pass answers whose question has an even number, the refuter kills f2."""
    prompt = body["messages"][-1]["content"]
    if body["model"] == "generator":
        return Scripted(body=completion(f"about {prompt} {cases.LONG}"))
    number = int((re.search(r"question [fl](\d+)", prompt) or [0, "1"])[1])
    if "Find a defect" in prompt:
        said = {"refuted": number == 2, "defect_class": "wrong_fact", "evidence_span": "choose the third entry", "check": "c"}
    elif "<<ANSWER 2 " in prompt:
        said = {"reason": "", "winner": "first"}
    else:
        said = {"reason": "", "verdict": "fail" if number % 2 or cases.LONG not in prompt else "pass"}
    return Scripted(body=completion(tool=json.dumps(said)))


def write(home: Home, path: str, week: date, rows: pa.Table) -> None:
    """Put an input into the lake as its asset would."""
    spec = TABLES[path]
    entry = Entry(path, week, -1, table_hash(rows, key=spec.key), rows.num_rows, "run", "f", {}, {})
    home.catalogue.record(Entry.of(entry.note(), home.lake.write(spec, week, rows, entry.note())))


def anonymised(week: date) -> pa.Table:
    """Logged answers of the week; columns that do not matter here hold something of their type."""
    spec = TABLES["samples/anonymised"]
    fill_in = {pa.string(): "x", pa.int64(): 1, pa.float64(): 1.0, pa.timestamp("us", tz="UTC"): 0, pa.bool_(): False}
    same = {c.name: fill_in.get(c.type, []) for c in spec.columns if not c.is_nullable}
    logged = [r for r in cases.answers((WEEK, NEXT)).to_pylist() if r["mode"] == "logged" and r["week"] == week]
    return spec.rows([{**same, "item_id": r["item_id"], "answer": r["answer"], "conversation_id": r["item_id"], "week": week} for r in logged])


def fill(home: Home) -> None:
    versions, registry = cases.versions((WEEK, NEXT)), cases.registry()
    for week in (WEEK, NEXT):
        for path, rows in (("eval_sets/versions", versions), ("releases/registry", registry)):
            write(home, path, week, TABLES[path].rows([r for r in rows.to_pylist() if r["week"] == week]))
        write(home, "samples/anonymised", week, anonymised(week))


def run(home: Home, week: date) -> dg.ExecuteInProcessResult:
    resources = {"home": HomeResource(path=str(home.path))}
    return dg.materialize(ASSETS, partition_key=week.isoformat(), resources=resources, raise_on_error=False)


def hashes(home: Home) -> dict[tuple[str, date], str]:
    return {(p, w): e.content_hash for p in WRITTEN for w in (WEEK, NEXT) if (e := home.catalogue.get(p, w))}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(speak) as running:
        yield running


@pytest.fixture(scope="module")
def judged_home(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Home:
    path = tmp_path_factory.mktemp("judged")
    (path / "liveeval.yaml").write_text(SETTINGS.format(url=server.url, family="corvus"))
    home = open_home(path)
    fill(home)
    for week in (WEEK, NEXT):
        assert run(home, week).success
    return home


def copy_of(home: Home, to: Path) -> Home:
    shutil.copytree(home.path, to, ignore=shutil.ignore_patterns("*.lock"))
    return open_home(to)


def test_tables_hold_what_the_rules_give(judged_home: Home) -> None:
    read = {p: judged_home.lake.read(TABLES[p]).to_pylist() for p in WRITTEN}
    answers = [(r["week"], r["release_id"], r["mode"]) for r in read["responses/answers"]]
    assert answers.count((WEEK, "r1", "replayed")) == N_FROZEN
    assert answers.count((NEXT, "r2", "replayed")) == N_FROZEN + 2
    assert answers.count((NEXT, "r1", "replayed")) == N_LIVING
    grades = [r for r in read["verdicts/judged"] if r["task"] == "grade" and r["unit"] == "item"]
    assert {(int(re.sub(r"\D", "", r["item_id"].split("-")[0])) % 2, r["verdict"]) for r in grades} == {(0, "pass"), (1, "fail")}
    assert {r["verdict"] for r in read["verdicts/judged"] if r["task"] == "compare"} == {"tie"}
    killed = {r["item_id"].split("-")[0] for r in read["verdicts/audited"] if r["status"] == "refuted" and r["unit"] == "item"}
    assert killed == {"f2", "l2"}
    assert {r["unit"] for r in read["verdicts/audited"]} <= {"item", "control"}
    null = [r for r in read["verdicts/judge_health"] if r["measure"] == "null_pass_rate" and r["role"] == "panel"]
    assert [r["estimate"] for r in null] == [0.0, 0.0]


def test_every_call_is_logged_once_with_its_role(judged_home: Home, server: Server) -> None:
    calls = judged_home.lake.read(TABLES["verdicts/calls"]).to_pylist()
    assert len({r["call_id"] for r in calls}) == len(calls) == len(server.bodies)
    assert {r["role"] for r in calls} == {"naive", "panel", "refuter", "release"}
    refuted = [r for r in calls if r["role"] == "refuter" and r["verdict"] == "refuted"]
    assert {r["evidence_verified"] for r in refuted} == {True}


def test_a_second_run_buys_nothing_and_changes_nothing(judged_home: Home, server: Server, tmp_path: Path) -> None:
    home = copy_of(judged_home, tmp_path / "home")
    before, n, version = hashes(home), len(server.bodies), home.lake.version(TABLES["verdicts/calls"])
    text = (home.path / "liveeval.yaml").read_text()
    # another concurrency: every asset runs again, with the same result
    (home.path / "liveeval.yaml").write_text(text.replace("deadline_seconds: 10", "deadline_seconds: 11"))
    home.__dict__.pop("settings", None)
    for week in (WEEK, NEXT):
        assert run(home, week).success
    assert (hashes(home), len(server.bodies), home.lake.version(TABLES["verdicts/calls"])) == (before, n, version)
    remembered = [h.catalogue.get("verdicts/calls", NEXT) for h in (judged_home, home)]
    assert len({e.fingerprint for e in remembered if e}) == 2


def test_verdicts_are_rebuilt_from_the_lake_when_journal_and_network_are_gone(judged_home: Home, server: Server, tmp_path: Path) -> None:
    home = copy_of(judged_home, tmp_path / "home")
    shutil.rmtree(home.path / ".journal")
    (home.path / "liveeval.yaml").write_text(SETTINGS.format(url="http://127.0.0.1:9/v1", family="corvus"))
    before, n = hashes(home), len(server.bodies)
    resources = {"home": HomeResource(path=str(home.path))}
    for week in (WEEK, NEXT):
        assert dg.materialize(ASSETS[1:], partition_key=week.isoformat(), resources=resources, raise_on_error=False).success
    assert hashes(home) == before
    assert len(server.bodies) == n
    assert home.lake.read(TABLES["verdicts/calls"]).num_rows == n


def test_a_damaged_call_log_is_found_and_filled_again_from_the_journal(
    judged_home: Home, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_of(judged_home, tmp_path / "home")
    monkeypatch.setattr(doctor, "run_init", lambda: home)
    before, n = hashes(home), len(server.bodies)
    calls = home.lake.read(TABLES["verdicts/calls"])
    gone, broken = sorted(Path(home.lake.uri(TABLES["verdicts/calls"])).rglob("*.parquet"))[:2]
    gone.unlink()
    broken.write_bytes(broken.read_bytes()[:100])
    assert doctor.run_doctor() == doctor.FINDING
    assert "DAMAGED  verdicts/calls: 2 file(s) gone or broken" in capsys.readouterr().out
    for week in (WEEK, NEXT):
        assert run(home, week).success
    assert (hashes(home), len(server.bodies)) == (before, n)
    assert sorted(home.lake.read(TABLES["verdicts/calls"])["call_id"].to_pylist()) == sorted(calls["call_id"].to_pylist())
    doctor.run_doctor()
    assert "verdicts/calls" not in capsys.readouterr().out


def test_kin_are_refused_before_anything_is_bought(server: Server, tmp_path: Path) -> None:
    (tmp_path / "liveeval.yaml").write_text(SETTINGS.format(url=server.url, family="borealis"))
    home = open_home(tmp_path)
    fill(home)
    n = len(server.bodies)
    result = run(home, WEEK)
    assert not result.success
    [failure] = [e for e in result.all_events if e.is_step_failure and e.step_key == "verdicts__calls"]
    assert "are of family 'borealis'" in str(failure.step_failure_data.user_failure_data.description)
    assert len(server.bodies) == n + N_FROZEN  # replays alone
    assert home.lake.read(TABLES["verdicts/calls"]).num_rows == 0
