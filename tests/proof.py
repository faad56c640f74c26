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
# what the proofs run, and what they are; the other tests are none of it
_TESTS = ("examples", "samples", "scorecards", "worlds", "homes.py")
_CODE = ("liveeval_assets", "liveeval.yaml", "requirements.lock", "examples", *(f"tests/{name}" for name in _TESTS))
PAGE = ROOT / "docs" / "evidence.md"


def main() -> int:
    """Run every shard that has not passed at this commit; write the page from what the shards recorded."""
    if _git("status", "--porcelain", "--", *_CODE):
        raise SystemExit("evidence names a commit: commit the changes first")
    # the last commit that changed what is measured or measures it
    commit = _git("log", "-1", "--format=%h", "--", *_CODE)
    folder = STATE / commit
    folder.mkdir(parents=True, exist_ok=True)
    shards = _shards()
    failed = [shard for shard in shards if not _run(shard, folder)]
    skipped = [shard for shard in shards if shard not in failed and not _done(shard, folder).exists()]
    PAGE.write_text(_page(folder, commit, failed, skipped), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}; {len(shards)} shard(s), {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed else 0


def _shards() -> list[str]:
    """One shard per test: a proof that was cut off goes on with the next one."""
    command = [sys.executable, "-m", "pytest", "-m", "proof", "--collect-only", "--no-header", "tests"]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if listed.returncode:
        raise SystemExit(f"the proofs cannot be collected, nothing was run:\n{listed.stdout}")
    return [line for line in listed.stdout.splitlines() if "::" in line]


def _run(shard: str, folder: Path) -> bool:
    done = _done(shard, folder)
    if done.exists():
        print(f"passed before  {shard}")
        return True
    print(f"running        {shard}", flush=True)
    record = done.with_suffix(".jsonl")
    record.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-m", "proof", "--timeout", "3600", shard]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "LIVEEVAL_EVIDENCE": str(record)}, stdout=subprocess.PIPE, text=True, check=False)
    print(ran.stdout[-6000:] if ran.returncode else ran.stdout.strip().rpartition("\n")[2], flush=True)
    # a test that was skipped has proven nothing
    if ran.returncode == 0 and " passed" in ran.stdout:
        done.touch()
    return ran.returncode == 0


def _done(shard: str, folder: Path) -> Path:
    return folder / ("".join(c if c.isalnum() else "_" for c in shard) + ".ok")


def _page(folder: Path, commit: str, failed: list[str], skipped: list[str]) -> str:
    lines = [
        "# Evidence",
        "",
        f"Measured by `make proof` on {datetime.now(UTC):%Y-%m-%d} at commit `{commit}`. Every figure comes from worlds whose truth is known.",
        "",
    ]
    if failed:
        lines += ["**Failed:** " + ", ".join(failed), ""]
    if skipped:
        lines += ["Not run, for want of the real data: " + ", ".join(skipped), ""]
    records = [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    # proofs that share a fixture repeat its figures
    for section, figures in {r["section"]: r["figures"] for r in records}.items():
        lines += [f"## {section}", "", *_block(figures), ""]
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
