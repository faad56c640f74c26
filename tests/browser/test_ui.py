"""The Dagster UI as an engineer uses it: materialise a week, see counts, checks and lineage, open the page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from liveeval_assets.runtime.home import Home
from tests.homes import BIN, ROOT, environment, liveeval

CHROMIUM = shutil.which("chromium")
IMAGES = Path(os.environ.get("LIVEEVAL_IMAGES", "")) if os.environ.get("LIVEEVAL_IMAGES") else None
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
WEEK = "2026-06-15"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
    # the browser driver's own event loop and pipes
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def home(young_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("ui") / "home"
    shutil.copytree(young_home, copy)
    return copy


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[str]:
    """`dagster dev` through workspace.yaml, in a process group of its own that is ended whole."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(BIN / "dagster"), "dev", "-w", str(ROOT / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)]
    log = (home / "dagster-dev.log").open("wb")
    process = subprocess.Popen(command, env=environment(home), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base)
        yield base
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_readable_and_asks_nothing_of_the_network(small_home: Path, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    file = small_home / "marts" / "report" / "latest.html"
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_be_visible()
    for sentence in ("The judge flatters", "The test set is not production", "Quality is not the outcome", "Who answered"):
        assert page.get_by_text(sentence).count() >= 1, sentence
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    assert page.locator("svg").count() >= 3
    assert requests == [file.as_uri()]
    _picture(page, f"page-{width}.png", is_full=True)


def test_the_command_line_prints_the_scorecard(small_home: Path) -> None:
    done = liveeval(small_home, "scorecard")
    assert done.returncode == 0, done.stderr
    for words in ("naive offline score", "north star", "The judge flatters", "Dagster UI"):
        assert words in done.stdout


def test_a_week_is_materialised_from_the_ui(ui: str, home: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(90_000)
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((ui, ui.replace("http", "ws"), "data:", "blob:")) else None)
    assert Home(home).catalogue.get("scorecards/scores", date.fromisoformat(WEEK)) is None
    page.goto(f"{ui}/locations/liveeval/jobs/weekly_refresh", wait_until="domcontentloaded")
    page.get_by_role("button", name=re.compile("Materialize all")).first.click()
    week = page.get_by_placeholder(re.compile("^ex: "))
    week.fill(WEEK)
    week.press("Enter")
    page.get_by_role("button", name="Launch 1 run").click()
    run = _finished_run(ui)
    assert run["status"] == "SUCCESS", run
    entry = Home(home).catalogue.get("scorecards/scores", date.fromisoformat(WEEK))
    assert entry is not None
    page.goto(f"{ui}/assets/scorecards/scores?view=partitions&partition={WEEK}", wait_until="domcontentloaded")
    expect(page.get_by_text(entry.content_hash).first).to_be_visible(timeout=90_000)
    expect(page.locator("tr", has_text="dagster/partition_row_count").get_by_text(str(entry.n_rows), exact=True)).to_be_visible()
    _picture(page, "dagster-scores.png")
    page.goto(f"{ui}/assets/scorecards/scores?view=checks", wait_until="domcontentloaded")
    expect(page.get_by_text("as_declared").first).to_be_visible(timeout=90_000)
    expect(page.get_by_text("served_are_scored").first).to_be_visible()
    page.goto(f"{ui}/assets/marts/fct_gap?view=lineage&lineageScope=upstream&lineageDepth=9", wait_until="domcontentloaded")
    for table in ("fct_gap", "item_scores", "judged", "versions", "anonymised", "conversations"):
        expect(page.get_by_text(table, exact=True).first).to_be_attached(timeout=90_000)
    page.wait_for_timeout(1500)
    _picture(page, "dagster-lineage.png")
    assert not foreign


def test_lineage_is_unbroken_from_traces_to_marts(ui: str) -> None:
    query = "{ assetNodes { assetKey { path } dependencyKeys { path } groupName isPartitioned } }"
    nodes = httpx.post(f"{ui}/graphql", json={"query": query}, timeout=30).json()["data"]["assetNodes"]
    parents = {tuple(n["assetKey"]["path"]): {tuple(k["path"]) for k in n["dependencyKeys"]} for n in nodes}
    marts = [k for k in parents if k[-1] in {"fct_scorecard", "fct_gap", "fct_verdict"}]
    assert len(marts) == 3
    for mart in marts:
        seen, todo = set(), [mart]
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                todo += parents.get(key, set())
        assert ("traces", "conversations") in seen, mart


def test_schedule_and_sensors_are_running_by_default(ui: str) -> None:
    query = """{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { ... on RepositoryLocation {
      repositories { schedules { name scheduleState { status } } sensors { name sensorState { status } } } } } } } } }"""
    entry = httpx.post(f"{ui}/graphql", json={"query": query}, timeout=30).json()["data"]["workspaceOrError"]["locationEntries"][0]
    assert entry["name"] == "liveeval"
    repository = entry["locationOrLoadError"]["repositories"][0]
    states = {s["name"]: s["scheduleState"]["status"] for s in repository["schedules"]}
    states |= {s["name"]: s["sensorState"]["status"] for s in repository["sensors"]}
    assert states == dict.fromkeys(["open_weeks", "alert", "publish_after_refresh", "reopen"], "RUNNING")


def _picture(page: Page, name: str, *, is_full: bool = False) -> None:
    if IMAGES is not None:
        page.screenshot(path=IMAGES / name, full_page=is_full)


def _finished_run(ui: str) -> dict[str, str]:
    # of that week: `reopen` may ask for an older one at the same time, and its run would be newer
    tag = f'{{key: "dagster/partition", value: "{WEEK}"}}'
    query = f'{{ runsOrError(filter: {{pipelineName: "weekly_refresh", tags: [{tag}]}}, limit: 1) {{ ... on Runs {{ results {{ runId status }} }} }} }}'
    deadline = time.monotonic() + 150
    run: dict[str, str] = {}
    while time.monotonic() < deadline:
        results = httpx.post(f"{ui}/graphql", json={"query": query}, timeout=30).json()["data"]["runsOrError"]["results"]
        run = results[0] if results else {}
        if run.get("status") in {"SUCCESS", "FAILURE", "CANCELED"}:
            return run
        time.sleep(1)
    return run


def _wait_for(base: str) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/server_info", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise TimeoutError("the Dagster UI did not answer")
