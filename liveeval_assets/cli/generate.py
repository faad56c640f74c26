"""`liveeval generate`: dbt sources and docs/tables.md from the table declarations."""

from __future__ import annotations

from liveeval_assets.runtime.generate import generate
from liveeval_assets.runtime.home import REPOSITORY


def run_generate() -> None:
    """Write every generated file; say which changed."""
    for path, text in generate(REPOSITORY).items():
        is_same = path.exists() and path.read_text("utf-8") == text
        if not is_same:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        print(f"{'unchanged' if is_same else 'written':9}  {path.relative_to(REPOSITORY)}")
