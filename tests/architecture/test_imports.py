"""The house rules about who may import whom, enforced by tools."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
HEAVY = ("torch", "openai", "instructor", "presidio_analyzer", "sentence_transformers", "spacy")


def _pure_modules() -> list[str]:
    skipped = {"runtime", "cli", "simulation"}
    files = (ROOT / "liveeval_assets").rglob("*.py")
    rel = [f.relative_to(ROOT).with_suffix("") for f in files if f.name not in {"assets.py", "definitions.py", "__init__.py"}]
    return sorted(".".join(r.parts) for r in rel if r.parts[1] not in skipped)


def test_pure_modules_load_neither_dagster_nor_anything_heavy() -> None:
    modules = _pure_modules()
    assert len(modules) > 40
    banned = ("dagster", "deltalake", "dbt", *HEAVY)
    code = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\nprint([m for m in {banned!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_definitions_load_fast_and_without_heavy_modules() -> None:
    """Our own modules, settings and assets take less than half of what their libraries take (2 seconds on an idle core)."""
    runs = [(_load("dagster, dagster_dbt, deltalake, pyarrow.compute, polars"), _load("liveeval_assets.definitions")) for _ in range(3)]
    assert all(loaded == "[]" for _, (_, loaded) in runs)
    libraries, ours = (min(seconds for seconds, _ in side) for side in zip(*runs, strict=True))
    assert ours < 1.5 * libraries


def _load(names: str) -> tuple[float, str]:
    """Processor seconds that an import takes (others may be at work), and which heavy modules it has loaded."""
    code = f"import sys, time\nt = time.process_time()\nimport {names}\nprint(time.process_time() - t, [m for m in {HEAVY!r} if m in sys.modules])"
    seconds, _, loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip().partition(" ")
    return float(seconds), loaded


@pytest.mark.parametrize("command", [["lint-imports"], ["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]])
def test_checker_passes(command: list[str]) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_nothing_reads_delta_the_way_that_aborts_at_exit() -> None:
    files = [f for f in (ROOT / "liveeval_assets").rglob("*.py") if "to_pyarrow_table(" in f.read_text().replace("to_pyarrow_table() can", "")]
    assert files == []
