"""Ratings: rebuilt from the inbox; what cannot be read names its file and line; the newest of a person counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from liveeval_assets.labels.ratings import collect_ratings
from liveeval_assets.runtime.inbox import inbox_rows, put_ratings
from liveeval_assets.shared.errors import SourceError

WEEK = date(2026, 6, 1)
GOOD = {"task_id": "t1", "rater": "ann", "is_good": 1, "rated_at": "2026-06-02T10:00:00Z"}


def _collect(*rows: Mapping[str, Any], tasks: tuple[str, ...] = ("t1", "t2")) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = collect_ratings([("a.jsonl", n, r) for n, r in enumerate(rows, 1)], tasks, week=WEEK).to_pylist()
    return found


def test_the_newest_rating_of_a_person_counts_wherever_it_stands() -> None:
    newer = {**GOOD, "is_good": 0, "rated_at": "2026-06-03T09:00:00Z"}
    other = {**GOOD, "rater": "ben"}
    for rows in ((GOOD, newer, other), (newer, other, GOOD)):
        assert [(r["rater"], r["is_good"]) for r in _collect(*rows)] == [("ann", 0.0), ("ben", 1.0)]


def test_moments_are_compared_not_their_texts() -> None:
    later = {**GOOD, "is_good": 0, "rated_at": "2026-06-02T09:30:00-02:00"}  # 11:30 UTC
    assert [r["is_good"] for r in _collect(later, GOOD)] == [0.0]


def test_ratings_of_other_weeks_are_left_to_them() -> None:
    assert _collect({**GOOD, "task_id": "of another week", "is_good": "perhaps"}) == []


@pytest.mark.parametrize("is_good", [0, 1, "0", "1", True, False])
def test_both_answers_are_read_in_every_spelling(is_good: Any) -> None:
    assert [r["is_good"] for r in _collect({**GOOD, "is_good": is_good})] == [float(is_good)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("is_good", 0.5), ("is_good", "yes"), ("is_good", None), ("rated_at", "2026-06-02T10:00:00"), ("rated_at", None), ("rater", ""), ("task_id", None)],
)
def test_a_wrong_rating_names_file_line_and_field(field: str, value: Any) -> None:
    with pytest.raises(SourceError, match=rf"a\.jsonl line 2: `{field}`"):
        _collect(GOOD, {**GOOD, field: value})


def test_what_is_put_into_the_inbox_comes_out(tmp_path: Path) -> None:
    rated_at = datetime(2026, 6, 2, 10, tzinfo=UTC)
    put_ratings(tmp_path, "one.jsonl", [{**GOOD, "rated_at": rated_at}])
    assert [(r["rater"], r["rated_at"]) for r in collect_ratings(inbox_rows(tmp_path), ["t1"], week=WEEK).to_pylist()] == [("ann", rated_at)]
    assert [f.name for f in tmp_path.iterdir()] == ["one.jsonl"]


def test_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes(b"\xef\xbb\xbftask_id,rater,is_good,rated_at\r\nt1,ann,1,2026-06-02 10:00:00\r\nt2,ben,0,2026-06-02T10:00:00+02:00\r\n")
    rows = collect_ratings(inbox_rows(tmp_path), ["t1", "t2"], week=WEEK).to_pylist()
    assert [(r["task_id"], r["is_good"], r["rated_at"].hour) for r in rows] == [("t1", 1.0, 10), ("t2", 0.0, 8)]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("r.jsonl", b'{"task_id": "t1"}\n\nnot json\n', "r.jsonl line 3"),
        ("r.jsonl", b"[1]\n", "r.jsonl line 1"),
        ("r.csv", b"task_id,rater\nt1,ann\nt1,ann,1,2\n", "r.csv line 3"),
        ("r.csv", b"task_id,rater\nt1\n", "r.csv line 2"),
        ("r.csv", b"task_id,rater\nt1,J\xf6rg\n", "r.csv is not UTF-8"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes, place: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=place):
        inbox_rows(tmp_path)


def test_half_written_files_and_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / ".half.jsonl").write_bytes(b'{"task')
    (tmp_path / "notes.txt").write_bytes(b"hello")
    assert inbox_rows(tmp_path) == ()
    assert inbox_rows(tmp_path / "no such folder") == ()


def test_a_changed_inbox_is_read_again(tmp_path: Path) -> None:
    put_ratings(tmp_path, "a.jsonl", [GOOD])
    assert len(inbox_rows(tmp_path)) == 1
    put_ratings(tmp_path, "b.jsonl", [{**GOOD, "rater": "ben"}])
    assert len(inbox_rows(tmp_path)) == 2
