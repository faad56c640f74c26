"""Embedded servers start once, answer, and end with the process that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from liveeval_assets.runtime.endpoints import address_of, stop_servers
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.loop import run
from liveeval_assets.runtime.models import Models
from liveeval_assets.settings import Endpoint
from liveeval_assets.shared.errors import ProviderError
from tests.faults.calls import grade

ROOT = Path(__file__).parents[2]
HEURISTIC = Endpoint(embedded="heuristic")
STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from liveeval_assets.runtime.endpoints import address_of, _SERVERS
from liveeval_assets.settings import Endpoint
address_of(Path('.'), 'it', Endpoint(embedded='heuristic'))
print(next(iter(_SERVERS.values()))._process.pid, flush=True)
time.sleep(60)
"""


def _is_up(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(base_url.removesuffix("/v1") + "/health", timeout=1) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except OSError:
        return False


def test_one_server_serves_every_client_of_the_process(tmp_path: Path) -> None:
    first, second = address_of(tmp_path, "a", HEURISTIC), address_of(tmp_path, "b", HEURISTIC)
    assert first == second
    assert _is_up(first.base_url)
    stop_servers()
    assert not _is_up(first.base_url)
    again = address_of(tmp_path, "a", HEURISTIC)
    assert _is_up(again.base_url)
    stop_servers()


def test_a_killed_parent_takes_its_server_along() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until = time.monotonic() + 5
    while Path(f"/proc/{child}/stat").exists() and Path(f"/proc/{child}/stat").read_text().split()[2] != "Z" and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}/stat").exists() or Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"the embedded server 'recorded' did not start: .+"):
        address_of(tmp_path, "it", Endpoint(embedded="recorded", recorded_file="nowhere.jsonl"))


def test_a_grade_through_the_embedded_endpoint(tmp_path: Path) -> None:
    (tmp_path / "liveeval.yaml").write_text(
        """
clock: {first_week: 2026-06-01, last_week: 2026-06-08, as_of: 2026-07-01T00:00:00Z}
llm:
  endpoints: {it: {embedded: recorded, recorded_file: said.jsonl}}
  models: {judge: {endpoint: it, model: recorded-judge, family: corvus}}
"""
    )
    (tmp_path / "said.jsonl").write_text('{"question": "why", "answer_1": "a", "answer_2": "b", "winner": "first"}\n')
    models = Models(Home(tmp_path))
    [reply] = models.ask([grade()], "grade")
    # the endpoint is reached and understood; it just has no record of a prompt without blocks
    assert reply.status == "api_error"
    models.close()
    stop_servers()


def test_the_shared_loop_passes_errors_on() -> None:
    async def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(fails())
