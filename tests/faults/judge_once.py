"""Judges a batch and prints the replies: a process for the kill test to kill."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.models import Models
from tests.faults.calls import grade


def main(home: str, n: int) -> None:
    """Ask `n` grades of the home's endpoint."""
    models = Models(Home(Path(home)))
    found = models.ask([grade(f"answer {i}") for i in range(n)], "grade")
    models.close()
    print(json.dumps([[r.call_id, r.status, r.value, r.is_bought] for r in found]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
