"""Ratings from the files of the inbox: JSON lines with task_id, rater, is_good, rated_at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from liveeval_assets.shared.errors import SourceError
from liveeval_assets.tables import TABLES

RATINGS = TABLES["labels/ratings"]


class Rating(BaseModel):
    """One rating as a person or a tool wrote it; from CSV, numbers are texts."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    task_id: str = Field(min_length=1)
    rater: str = Field(min_length=1)
    is_good: Literal[0, 1, "0", "1", True, False]
    rated_at: AwareDatetime


def collect_ratings(rows: Iterable[tuple[str, int, Mapping[str, Any]]], tasks: Iterable[str], *, week: date) -> pa.Table:
    """Ratings of the week's tasks; of several by one person the newest counts.

    Args:
        rows: (file, line, fields) of every rating in the inbox.

    Raises:
        SourceError: a rating cannot be read; the message names file and line.
    """
    wanted = set(tasks)
    found: dict[tuple[str, str], tuple[datetime, str, float]] = {}
    for file, line, fields in rows:
        # a rating without a task would be missed in every week
        if fields.get("task_id") and str(fields["task_id"]) not in wanted:
            continue
        rating = _rating(file, line, fields)
        key = (rating.task_id, rating.rater)
        found[key] = max(found.get(key, (rating.rated_at, "", -1.0)), (rating.rated_at, file, float(rating.is_good)))
    return RATINGS.rows(
        [
            {"week": week, "task_id": task, "rater": rater, "is_good": good, "rated_at": at, "file": file}
            for (task, rater), (at, file, good) in sorted(found.items())
        ]
    )


def _rating(file: str, line: int, fields: Mapping[str, Any]) -> Rating:
    try:
        return Rating.model_validate(fields)
    except ValidationError as error:
        field = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise SourceError(f"labels/ratings: {file} line {line}: `{field}` is missing or wrong; is_good is 0 or 1, rated_at has a timezone") from None
