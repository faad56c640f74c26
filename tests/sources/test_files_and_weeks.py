"""Which files are read, what they are called, and in which week a record lies that does not say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.settings import FieldMap, FileSource
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.records import Caps, Spot
from liveeval_assets.shared.weeks import week_of
from liveeval_assets.sources.by_week import by_week
from liveeval_assets.sources.files import find_files, read_file
from liveeval_assets.sources.read import index

FIRST = date(2026, 6, 1)
SECOND, THIRD, LAST = (FIRST + timedelta(weeks=k) for k in (1, 2, 5))
MAP = FieldMap(fields={"id": "id", "started_at": "at"})


def _source(files: str) -> FileSource:
    return FileSource(name="s", files=files, map=MAP)


def test_files_are_sorted_and_folders_are_none(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.jsonl/inner"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [f.name for f in find_files(tmp_path, _source("*.jsonl"))] == ["a.jsonl", "b.jsonl"]


def test_no_match_and_an_unset_variable_are_clear_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_FOLDER", raising=False)
    with pytest.raises(SourceError, match=r"source 's': no file matches x/\*\.jsonl; mend `files`"):
        find_files(tmp_path, _source("x/*.jsonl"))
    with pytest.raises(SourceError, match="set the environment variable NO_SUCH_FOLDER"):
        find_files(tmp_path, _source("${NO_SUCH_FOLDER}/*.jsonl"))


def test_a_variable_names_a_folder_outside_the_home_and_no_machine_path_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside, home = tmp_path / "data", tmp_path / "home"
    for folder in (outside, home):
        folder.mkdir()
    (outside / "x.jsonl").write_text('{"id": 1}\n')
    monkeypatch.setenv("SOME_DATA", str(outside))
    (path,) = find_files(home, _source("${SOME_DATA}/*.jsonl"))
    (record,) = read_file(path, home, _source("*"), Caps())
    assert record.file.endswith("x.jsonl")
    assert str(tmp_path) not in record.file


def test_an_index_is_read_again_when_a_file_changes(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": 1, "at": "2026-06-01T10:00:00Z"}\n')
    assert [s.id for s in index(tmp_path, _source("*.jsonl"), "started_at", FIRST, Caps())] == ["1"]
    (tmp_path / "x.jsonl").write_text('{"id": 1, "at": "2026-06-01T10:00:00Z"}\n{"id": 2}\n')
    assert [(s.id, s.at is None) for s in index(tmp_path, _source("*.jsonl"), "started_at", FIRST, Caps())] == [("1", False), ("2", True)]


def _spot(line: int, week: date | None, file: str = "a") -> Spot:
    at = None if week is None else datetime(week.year, week.month, week.day, 12, tzinfo=UTC)
    return Spot("s", file, line, 10, f"{file}{line}", f"{file}{line}", at)


def _weeks(*weeks: date | None, newest: date = LAST) -> list[date]:
    """Week of each of the given lines of one file."""
    found = by_week([_spot(n, w) for n, w in enumerate(weeks, 1)], FIRST, LAST, newest)
    where = {s.line: w for w, spots in found.items() for s in spots}
    return [where[n] for n in range(1, len(weeks) + 1)]


def test_an_undated_line_belongs_to_the_dated_one_before_it() -> None:
    assert _weeks(FIRST, None, SECOND, None, None) == [FIRST, FIRST, SECOND, SECOND, SECOND]


def test_undated_lines_at_the_head_of_a_file_belong_to_its_first_dated_one() -> None:
    assert _weeks(None, None, SECOND, FIRST) == [SECOND, SECOND, SECOND, FIRST]


def test_a_file_without_any_date_belongs_to_the_first_week() -> None:
    assert _weeks(None, None) == [FIRST, FIRST]


def test_a_date_that_cannot_have_come_yet_is_refused_among_its_neighbours() -> None:
    assert _weeks(SECOND, date(2031, 6, 2), None, newest=THIRD) == [SECOND, SECOND, SECOND]


def test_undated_lines_never_land_in_a_week_that_is_not_reported() -> None:
    assert _weeks(date(1970, 1, 5), None)[1] == FIRST
    assert _weeks(date(2026, 12, 28), None, newest=date(2027, 1, 4))[1] == LAST


def test_files_do_not_lend_each_other_their_weeks() -> None:
    spots = [_spot(1, SECOND, "a"), _spot(1, None, "b"), _spot(2, THIRD, "b"), _spot(1, None, "c")]
    found = by_week(spots, FIRST, LAST, LAST)
    assert {w: [s.place for s in rows] for w, rows in found.items()} == {SECOND: [("a", 1, 0)], THIRD: [("b", 1, 0), ("b", 2, 0)], FIRST: [("c", 1, 0)]}


_MAYBE = st.one_of(st.none(), st.integers(-3, 8).map(lambda k: FIRST + timedelta(weeks=k)))


@given(st.lists(st.tuples(st.sampled_from("abc"), _MAYBE), max_size=30))
def test_each_record_lies_in_exactly_one_week_and_a_good_one_in_its_own(rows: list[tuple[str, date | None]]) -> None:
    spots = [_spot(n, w, f) for n, (f, w) in enumerate(sorted(rows, key=lambda r: r[0]), 1)]
    found = by_week(spots, FIRST, LAST, THIRD)
    placed = [(s, w) for w, some in found.items() for s in some]
    assert sorted(s.place for s, _ in placed) == sorted(s.place for s in spots)
    for spot, week in placed:
        if spot.at is not None and week_of(spot.at) <= THIRD:
            assert week == week_of(spot.at)
        else:
            assert FIRST <= week <= LAST


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds of an aware draw
def test_a_week_is_the_iso_week(moment: datetime) -> None:
    assert week_of(moment).isocalendar()[:2] == moment.isocalendar()[:2]
    assert week_of(moment).weekday() == 0
