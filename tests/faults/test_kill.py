"""A process killed while it judges loses no finished call, and nothing is bought twice but what was in flight."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.calls import grade, home_with
from tests.faults.llm_server import Scripted, completion, serving

ROOT = Path(__file__).parents[2]
N = 300
CONCURRENCY = 8


def _number(body: dict[str, Any]) -> int:
    return int(re.search(r"answer (\d+)", body["messages"][-1]["content"]).group(1))  # type: ignore[union-attr]


def _script(body: dict[str, Any], hit: int) -> Scripted:
    verdict = "pass" if _number(body) % 3 else "fail"
    return Scripted(body=completion(tool=json.dumps({"reason": "r", "verdict": verdict})), delay=0.03)


def _start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.judge_once", str(home), str(N)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _finished(journal: Path) -> set[str]:
    if not journal.exists():
        return set()
    db = sqlite3.connect(journal, timeout=5)
    try:
        return {i for (i,) in db.execute("SELECT call_id FROM calls")}
    except sqlite3.OperationalError:
        return set()  # not created yet
    finally:
        db.close()


def test_a_kill_in_the_middle_costs_only_the_calls_in_flight(tmp_path: Path) -> None:
    with serving(_script) as server:
        home_with(tmp_path, server.url, concurrency=CONCURRENCY)
        journal = tmp_path / ".journal" / "calls.sqlite"
        process = _start(tmp_path)
        until = time.monotonic() + 30
        while len(_finished(journal)) < N // 3 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert N // 3 <= len(_finished(journal)) < N
        kept = _finished(journal)
        n_before = Counter(map(_number, server.bodies))
        last = _start(tmp_path)
        out, _ = last.communicate(timeout=60)
        replies = json.loads(out)

    numbers = {grade(f"answer {i}").call_id: i for i in range(N)}
    assert [(i, status, value["verdict"]) for i, status, value, _ in replies] == [
        (call_id, "ok", "pass" if number % 3 else "fail") for call_id, number in numbers.items()
    ]
    assert {i for i, _, _, is_bought in replies if not is_bought} == kept
    served = Counter(map(_number, server.bodies))
    assert all(served[numbers[i]] == n_before[numbers[i]] for i in kept)
    assert sum(served.values()) <= N + CONCURRENCY
