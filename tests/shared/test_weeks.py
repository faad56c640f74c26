from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from liveeval_assets.shared.weeks import end_of, parse_week, start_of, week_of, weeks_between


def test_weeks_agree_with_the_iso_calendar_from_2015_to_2035() -> None:
    day = date(2015, 1, 1)
    while day < date(2035, 12, 31):
        assert week_of(day).isocalendar()[:2] == day.isocalendar()[:2]
        assert week_of(day).weekday() == 0
        day += timedelta(days=1)


def test_a_boundary_moment_lies_in_exactly_one_week() -> None:
    monday = start_of(date(2026, 6, 8))
    assert week_of(monday) == date(2026, 6, 8)
    assert week_of(monday - timedelta(microseconds=1)) == date(2026, 6, 1)
    assert end_of(date(2026, 6, 1)) == monday


def test_another_timezone_is_read_as_utc() -> None:
    moment = datetime(2026, 6, 8, 1, tzinfo=timezone(timedelta(hours=2)))
    assert week_of(moment) == date(2026, 6, 1)


def test_a_naive_timestamp_has_no_week() -> None:
    with pytest.raises(ValueError, match="naive"):
        week_of(datetime(2026, 6, 8))  # noqa: DTZ001  that is the case


@pytest.mark.parametrize("key", ["2026-06-02", "1' OR '1'='1", "2026-W23", "20260601", ""])
def test_a_key_that_is_no_monday_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="Monday"):
        parse_week(key)


def test_weeks_between_holds_both_ends() -> None:
    found = list(weeks_between(date(2026, 12, 21), date(2027, 1, 4)))
    assert found == [date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)]
    assert start_of(found[0]).tzinfo is UTC
