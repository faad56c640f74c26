"""`liveeval demo`: the simulated world through the whole graph, ending with the scorecard."""

from __future__ import annotations

import time

from rich.console import Console

from liveeval_assets.cli.init import run_init
from liveeval_assets.cli.refresh import run_refresh
from liveeval_assets.cli.scorecard import print_scorecard
from liveeval_assets.shared.errors import SettingsError

console = Console(stderr=True, highlight=False)


def run_demo() -> None:
    """Generate the world once, refresh every week, print the scorecard and where to look next."""
    started = time.perf_counter()
    home = run_init()
    if all(e.embedded != "world" for e in home.settings.llm.endpoints.values()):
        raise SettingsError(f"{home.path} is not the home of a simulated world; run the demo in the project's folder, and `liveeval refresh` here")
    if not (home.path / "source" / "releases.yaml").exists():
        from liveeval_assets.simulation.generate import generate
        from liveeval_assets.simulation.world import World

        console.print("generating the simulated world")
        generate(home.path, World(seed=home.settings.seed))
    run_refresh(None)
    print_scorecard()
    console.print(f"demo finished in {time.perf_counter() - started:.0f} s")
