"""Where the real data of the examples are; a test that needs them skips where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
VARIABLE = "LIVEEVAL_REAL_DATA"


def real_data(folder: str) -> Path:
    """The folder of one data set; skips the test if it is absent."""
    root = Path(os.environ.get(VARIABLE) or EXAMPLES.parents[1] / "shared" / "data").resolve()
    if not (root / folder).is_dir():
        pytest.skip(f"{folder} is not there: set {VARIABLE} to the folder that holds the real data")
    return root / folder
