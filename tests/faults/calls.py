"""Homes and requests for tests of the call layer."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.llm import Request


class Grade(BaseModel):
    """Whether the answer passes."""

    model_config = ConfigDict(extra="forbid")
    reason: str
    verdict: Literal["pass", "fail"]


def home_with(path: Path, url: str, *, mode: str = "tools", deadline: float = 5.0, attempts: int = 3, concurrency: int = 4) -> Home:
    """A home whose one endpoint is `url`."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "liveeval.yaml").write_text(
        f"""
clock: {{first_week: 2026-06-01, last_week: 2026-06-08, as_of: 2026-07-01T00:00:00Z}}
llm:
  endpoints:
    it: {{base_url: "{url}", deadline_seconds: {deadline}, max_attempts: {attempts}, concurrency: {concurrency}}}
  models:
    judge: {{endpoint: it, model: asked-model, family: corvus, mode: {mode}, usd_per_million_in: 10, usd_per_million_out: 100}}
""",
        "utf-8",
    )
    return Home(path)


def grade(text: str = "x", *, role: str = "panel") -> Request:
    """A request to grade."""
    return Request(role=role, model="judge", task="grade", template="grade/1", system="You grade.", prompt=f"<<ANSWER {{nonce}}>>{text}", schema=Grade)  # type: ignore[arg-type]


def plain(text: str = "x") -> Request:
    """A request for an answer in plain text."""
    return Request(
        role="release", model="judge", task="answer", template="answer/1", system="Be helpful.", prompt=text, history=(("user", "hi"), ("assistant", "yes?"))
    )
