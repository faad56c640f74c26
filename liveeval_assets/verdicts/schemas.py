"""What a judge and a refuter must reply: exactly these fields, nothing beside them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Grade(_Reply):
    """The grade of one answer against the rubric."""

    reason: str = Field(description="One or two sentences: what decided the verdict.")
    verdict: Literal["pass", "fail"]


class Comparison(_Reply):
    """Which of two answers serves the user better."""

    reason: str = Field(description="One or two sentences: what decided.")
    winner: Literal["first", "second", "tie"]


class Refutation(_Reply):
    """An attempt to show that an answer does not meet the rubric."""

    refuted: bool = Field(description="Whether a defect was found that makes the answer fail the rubric.")
    defect_class: Literal["wrong_fact", "incomplete", "off_topic", "unsafe", "none"]
    evidence_span: str = Field(description="The words at fault, copied verbatim from the answer; empty if not refuted.")
    check: str = Field(description="How anybody can verify the defect.")
