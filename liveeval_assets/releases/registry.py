"""The registry of releases from its YAML file: validated, hashed, stamped with the week in which each went live."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.weeks import week_of
from liveeval_assets.tables import TABLES

REGISTRY = TABLES["releases/registry"]


class Answers(BaseModel):
    """How a release answers: a configured model, a file joined on the item, or only what was logged."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["endpoint", "file", "logged"] = "logged"
    at: str | None = None


class Release(BaseModel):
    """One entry of the releases file."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    family: str
    model: str
    prompt: str = ""
    deployed_at: AwareDatetime
    training_cutoff: date | None = None
    traffic: Literal["randomised", "staged", "by_segment", "unknown"] = "unknown"
    answers: Answers = Answers()
    reference: bool = False


def parse_releases(content: Any, file: str) -> list[Release]:
    """Releases in order of deployment.

    Raises:
        SourceError: an entry is wrong, an id is repeated, or not exactly one is the reference.
    """
    rows = content.get("releases") if isinstance(content, Mapping) else content
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        raise SourceError(f"{file}: write a list `releases:` with at least one entry")
    try:
        found = [Release.model_validate(r) for r in rows]
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SourceError(f"{file}: {where}") from None
    names = [r.id for r in found]
    if len(set(names)) != len(names):
        raise SourceError(f"{file}: release ids are repeated; each release has one entry")
    if sum(r.reference for r in found) != 1:
        raise SourceError(f"{file}: exactly one release has `reference: true`, the origin of growth; {sum(r.reference for r in found)} have it")
    return sorted(found, key=lambda r: (r.deployed_at, r.id))


def born_in(releases: Sequence[Release], week: date, known: Collection[str], prompts: Mapping[str, str]) -> pa.Table:
    """Rows of releases/registry stamped with `week`: what was deployed up to it and has no row yet.

    A week without traffic has no run, so a release deployed in one belongs to the next; those older than the first week
    belong to that.

    Args:
        known: releases with a row in an earlier week.
        prompts: text of each prompt by release id.
    """
    rows = [
        {
            "week": week,
            "release_id": r.id,
            "family": r.family,
            "model": r.model,
            "prompt_hash": digest("prompt", prompts.get(r.id, "")),
            "deployed_at": r.deployed_at,
            "training_cutoff": r.training_cutoff,
            "traffic": r.traffic,
            "answers_by": r.answers.by,
            "answers_at": r.answers.at,
            "is_reference": r.reference,
        }
        for r in releases
        if week_of(r.deployed_at) <= week and r.id not in known
    ]
    return REGISTRY.rows(rows)
