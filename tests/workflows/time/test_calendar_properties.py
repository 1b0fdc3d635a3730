"""What holds for any calendar: adding and counting are each other's inverse, later is never earlier, and nothing ends
in closed time but at a close."""

from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workflows import calendars
from workflows.calendars import counting
from workflows.calendars.hours import Schedule, Window
from workflows.durations import Duration

ZONES = ("Asia/Kolkata", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC")

windows = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    begins=st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30])),
    ends=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30, 45])),
)
schedules = st.builds(
    Schedule,
    zone=st.sampled_from(ZONES),
    always=st.sampled_from([False, False, False, True]),
    windows=st.lists(windows, min_size=1, max_size=4).map(tuple),
    second_saturdays_off=st.booleans(),
    holidays=st.frozensets(st.dates(date(2025, 12, 20), date(2027, 1, 20)), max_size=12),
)
moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC))
seconds = st.integers(0, 40 * 86_400)
ordinary = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@pytest.fixture(autouse=True)
def _schedules_are_calendars():
    with patch.object(counting, "schedule_of", lambda schedule: schedule):
        yield


def closes(schedule: Schedule, at: datetime) -> bool:
    """Whether a moment is open, or the very end of open time."""
    return calendars.open_now(schedule, at=at) or calendars.open_now(schedule, at=at - timedelta(microseconds=1))


@ordinary
@given(schedules, moments, seconds)
def test_what_was_added_is_what_is_between(schedule, start, added):
    end = calendars.add_seconds(added, start, schedule)
    assert end >= start
    assert calendars.seconds_between(start, end, schedule) == added


@ordinary
@given(schedules, moments, moments)
def test_adding_what_is_between_uses_it_up(schedule, start, end):
    assume(start <= end)
    between = calendars.seconds_between(start, end, schedule)
    assert between >= 0
    assert calendars.seconds_between(end, start, schedule) == -between
    reached = calendars.add_seconds(between, start, schedule)
    assert calendars.seconds_between(start, reached, schedule) == between
    assert between == 0 or reached <= end


@ordinary
@given(schedules, moments, seconds)
def test_nothing_ends_in_closed_time_but_at_a_close(schedule, start, added):
    assert closes(schedule, calendars.add_seconds(added, start, schedule))
    assert calendars.open_now(schedule, at=calendars.next_opening(start, schedule))


@ordinary
@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=9)), seconds, seconds)
def test_later_or_longer_is_never_earlier(schedule, start, later, added, more):
    end = calendars.add_seconds(added, start, schedule)
    assert calendars.add_seconds(added, start + later, schedule) >= end
    if added:
        assert calendars.add_seconds(added + more, start, schedule) >= end


@ordinary
@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=9)), st.integers(1, 60), st.integers(0, 9))
def test_working_days_are_in_order_and_end_open(schedule, start, later, days, more):
    end = calendars.add(Duration(days, "day", True), start, schedule)
    assert end > start
    assert closes(schedule, end)
    assert calendars.add(Duration(days, "day", True), start + later, schedule) >= end
    assert calendars.add(Duration(days + more, "day", True), start, schedule) >= end


@ordinary
@given(schedules, moments, seconds, seconds)
def test_in_two_parts_is_as_long_as_at_once(schedule, start, first, second):
    assume(first and second)
    halfway = calendars.add_seconds(first, start, schedule)
    assert calendars.add_seconds(second, halfway, schedule) == calendars.add_seconds(first + second, start, schedule)
