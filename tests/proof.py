"""`make proof`: the long statistical and fault runs in shards that resume, then docs/evidence.md with date and commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".cache" / "proof"
PAGE = ROOT / "docs" / "evidence.md"


def main() -> int:
    """Run every shard that has not passed at this commit; write the page from what the shards recorded."""
    commit = _git("rev-parse", "--short", "HEAD") + ("+changes" if _git("status", "--porcelain", "--untracked-files=no") else "")
    folder = STATE / commit
    folder.mkdir(parents=True, exist_ok=True)
    failed = [shard for shard in _shards() if not _run(shard, folder)]
    PAGE.write_text(_page(folder, commit, failed), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}; {len(failed)} shard(s) failed")
    return 1 if failed else 0


def _shards() -> list[str]:
    """One shard per test: a proof that was cut off goes on with the next one."""
    command = [sys.executable, "-m", "pytest", "-m", "proof", "--collect-only", "-q", "--no-header", "tests"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [line for line in listed.splitlines() if "::" in line]


def _run(shard: str, folder: Path) -> bool:
    name = "".join(c if c.isalnum() else "_" for c in shard)
    done = folder / f"{name}.ok"
    if done.exists():
        print(f"passed before  {shard}")
        return True
    print(f"running        {shard}", flush=True)
    record = folder / f"{name}.jsonl"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-m", "proof", "-q", "--timeout", "3600", shard]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, "LIVEEVAL_EVIDENCE": str(record)}, check=False).returncode
    if code == 0:
        done.touch()
    return code == 0


def _page(folder: Path, commit: str, failed: list[str]) -> str:
    lines = [
        "# Evidence",
        "",
        f"Measured by `make proof` on {datetime.now(UTC):%Y-%m-%d} at commit `{commit}`. Every figure comes from worlds whose truth is known.",
        "",
    ]
    if failed:
        lines += ["**Failed:** " + ", ".join(failed), ""]
    for file in sorted(folder.glob("*.jsonl")):
        for record in map(json.loads, file.read_text("utf-8").splitlines()):
            lines += [f"## {record['section']}", "", *_block(record["figures"]), ""]
    return "\n".join(lines)


def _block(figures: dict[str, object]) -> list[str]:
    """A table: one row per key; a key with a dict gets one column per name."""
    rows = {k: v if isinstance(v, dict) else {"value": v} for k, v in figures.items()}
    columns = list(dict.fromkeys(c for r in rows.values() for c in r))
    body = [f"| {k} | " + " | ".join(_cell(r.get(c, "")) for c in columns) + " |" for k, r in rows.items()]
    return ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|", *body]


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
