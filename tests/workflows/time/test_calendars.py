import time
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.workflows.time.conftest import at
from workflows import calendars, durations
from workflows.models import Holiday

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-06-01 15:00", "2 working days", "2026-06-03 15:00"),  # Monday to Wednesday
        ("2026-06-01 10:00", "1 working days", "2026-06-02 10:00"),
        ("2026-06-01 17:00", "1 working days", "2026-06-02 17:00"),  # at the close
        ("2026-06-01 08:00", "1 working days", "2026-06-01 17:00"),  # before the opening: that day counts whole
        ("2026-06-01 20:00", "1 working days", "2026-06-02 17:00"),
        ("2026-06-06 19:00", "2 working days", "2026-06-09 17:00"),  # Saturday evening: Tuesday's close
        ("2026-06-07 12:00", "1 working days", "2026-06-08 17:00"),  # Sunday
        ("2026-06-05 15:00", "1 working days", "2026-06-06 15:00"),  # the first Saturday is worked
        ("2026-11-13 15:00", "1 working days", "2026-11-16 15:00"),  # the second, 14 November, is not
        ("2026-11-14 12:00", "1 working days", "2026-11-16 17:00"),
        ("2026-11-06 15:00", "1 working days", "2026-11-07 15:00"),
        ("2026-08-24 15:00", "1 working days", "2026-08-28 15:00"),  # Onam lies between
        ("2026-08-14 15:00", "1 working days", "2026-08-17 15:00"),  # Independence Day, then Sunday
        ("2026-06-01 15:00", "0.5 working days", "2026-06-02 11:30"),  # half of seven hours
        ("2026-06-01 15:00", "1.5 working days", "2026-06-03 11:30"),
        ("2026-06-01 15:00", "6 working hours", "2026-06-02 14:00"),
        ("2026-06-01 15:00", "2 working hours", "2026-06-01 17:00"),  # used to its end: the close, not Tuesday
        ("2026-06-01 15:00", "121 working minutes", "2026-06-02 10:01"),
        ("2026-06-06 16:30", "1 working hours", "2026-06-08 10:30"),
        ("2026-06-07 16:30", "30 working minutes", "2026-06-08 10:30"),
        ("2026-12-31 16:00", "2 working hours", "2027-01-01 11:00"),
        ("2026-12-31 16:00", "1 working days", "2027-01-01 16:00"),
        ("2026-06-01 15:00", "4 hours", "2026-06-01 19:00"),  # the wall clock asks nobody
        ("2026-06-06 15:00", "2 days", "2026-06-08 15:00"),
    ],
)
def test_the_office_is_due_when_people_expect_it(office, start, duration, due):
    assert calendars.add(durations.read(duration), at(start), office) == at(due)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-06-01 23:00", "2 working hours", "2026-06-02 01:00"),
        ("2026-06-02 05:00", "2 working hours", "2026-06-02 23:00"),
        ("2026-06-02 12:00", "8 working hours", "2026-06-03 06:00"),
        ("2026-06-02 02:00", "1 working days", "2026-06-03 02:00"),  # Monday's shift still: Tuesday's, four hours in
        ("2026-06-01 23:00", "2 working days", "2026-06-03 23:00"),
        ("2026-06-02 12:00", "1 working days", "2026-06-03 06:00"),
        ("2026-12-31 23:00", "2 working hours", "2027-01-01 01:00"),
        ("2027-01-01 05:30", "1 working hours", "2027-01-01 22:30"),
        ("2027-01-01 05:30", "1 working days", "2027-01-02 05:30"),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(nights, start, duration, due):
    assert calendars.add(durations.read(duration), at(start), nights) == at(due)


@pytest.mark.parametrize("duration", ["2 working days", "48 working hours", "48 hours", "2 days"])
@pytest.mark.parametrize("named", [True, False])
def test_round_the_clock_every_day_is_worked(always, duration, named):
    due = calendars.add(durations.read(duration), at("2026-06-06 19:00"), always if named else None)
    assert due == at("2026-06-08 19:00")


def test_a_break_at_noon_is_no_time(calendar):
    with_break = calendar([(range(5), "09:00", "13:00"), (range(5), "14:00", "18:00")])
    assert calendars.add(durations.read("2 working hours"), at("2026-06-01 12:00"), with_break) == at(
        "2026-06-01 15:00"
    )
    assert calendars.add(durations.read("1 working days"), at("2026-06-01 13:30"), with_break) == at("2026-06-02 14:00")
    assert calendars.add(durations.read("0.5 working days"), at("2026-06-01 09:00"), with_break) == at(
        "2026-06-01 13:00"
    )
    assert calendars.seconds_between(at("2026-06-01 12:30"), at("2026-06-01 14:30"), with_break) == 3600


def test_a_shorter_day_ends_at_its_close(calendar):
    """Friday 15:00 and a day would be Saturday 15:00, when nobody is there since 13:00."""
    short = calendar([(range(5), "08:00", "17:00"), ([5], "10:00", "13:00")])
    one_day = durations.read("1 working days")
    assert calendars.add(one_day, at("2026-06-05 15:00"), short) == at("2026-06-06 13:00")
    assert calendars.add(one_day, at("2026-06-05 09:00"), short) == at("2026-06-06 10:00")


def test_hours_that_overlap_count_once(calendar):
    twice = calendar(
        [([0], "10:00", "17:00"), ([0], "16:00", "20:00"), ([0], "22:00", "06:00"), ([1], "05:00", "09:00")]
    )
    assert calendars.seconds_between(at("2026-06-01 00:00"), at("2026-06-03 00:00"), twice) == (10 + 8 + 3) * 3600


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-27 12:00", "2026-03-30 12:00"),  # over the weekend clocks go forward
        ("2026-10-23 12:00", "2026-10-26 12:00"),  # and back
    ],
)
def test_where_clocks_change_a_working_day_keeps_its_clock_time(calendar, start, due):
    london = calendar([(range(5), "09:00", "17:00")], zone="Europe/London")
    assert calendars.add(durations.read("1 working days"), at(start, LONDON), london) == at(due, LONDON)
    assert calendars.add(durations.read("8 working hours"), at(start, LONDON), london) == at(due, LONDON)


def test_a_night_with_an_hour_more_or_less_counts_what_it_has(calendar):
    london = calendar([([5], "22:00", "06:00")], zone="Europe/London")
    week = timedelta(days=7)
    spring = at("2026-03-28 12:00", LONDON).astimezone(UTC)
    autumn = at("2026-10-24 12:00", LONDON).astimezone(UTC)
    assert calendars.seconds_between(spring, spring + week / 2, london) == 7 * 3600
    assert calendars.seconds_between(autumn, autumn + week / 2, london) == 9 * 3600


def test_seconds_between_counts_open_time_alone(office):
    assert calendars.seconds_between(at("2026-06-01 09:00"), at("2026-06-01 18:00"), office) == 7 * 3600
    assert calendars.seconds_between(at("2026-06-06 16:00"), at("2026-06-08 11:00"), office) == 2 * 3600
    assert calendars.seconds_between(at("2026-06-08 11:00"), at("2026-06-06 16:00"), office) == -2 * 3600
    assert calendars.seconds_between(at("2026-11-14 00:00"), at("2026-11-15 23:59"), office) == 0
    assert calendars.seconds_between(at("2026-12-31 16:00"), at("2027-01-01 11:00"), office) == 2 * 3600


def test_open_now_and_next_opening(office, nights, always):
    assert calendars.open_now(office, at=at("2026-06-01 10:00"))
    assert not calendars.open_now(office, at=at("2026-06-01 17:00"))
    assert not calendars.open_now(office, at=at("2026-06-07 12:00"))
    assert calendars.open_now(nights, at=at("2027-01-01 02:00"))
    assert not calendars.open_now(nights, at=at("2027-01-01 12:00"))
    assert calendars.open_now(always)
    assert calendars.next_opening(at("2026-06-01 12:00"), office) == at("2026-06-01 12:00")
    assert calendars.next_opening(at("2026-06-01 17:00"), office) == at("2026-06-02 10:00")
    assert calendars.next_opening(at("2026-11-13 18:00"), office) == at("2026-11-16 10:00")
    assert calendars.next_opening(at("2026-12-31 18:00"), office) == at("2027-01-01 10:00")


@pytest.mark.parametrize("hours", [[], [([6], "12:00", "13:00")]])
@pytest.mark.parametrize("duration", ["1 working minutes", "1 working days", "0.5 working days"])
def test_a_calendar_that_never_opens_is_refused(calendar, hours, duration):
    never = calendar(hours)
    Holiday.objects.bulk_create(
        [
            Holiday(calendar=never, day=at("2020-01-01 00:00").date() + timedelta(days=n), name="Closed")
            for n in range(366 * 20)
        ]
    )
    with pytest.raises(calendars.NeverOpen, match="has no open hours"):
        calendars.add(durations.read(duration), at("2026-06-01 12:00"), never)
    with pytest.raises(calendars.NeverOpen):
        calendars.next_opening(at("2026-06-01 12:00"), never)
    assert calendars.seconds_between(at("2026-01-01 00:00"), at("2030-01-01 00:00"), never) == 0
    assert not calendars.open_now(never, at=at("2026-06-01 12:00"))


@pytest.mark.parametrize(
    "hours",
    [
        {"days": [0]},
        [{"days": [0], "from": "10:00"}],
        [{"days": [7], "from": "10:00", "to": "17:00"}],
        [{"days": [], "from": "10:00", "to": "17:00"}],
        [{"days": [0], "from": "ten", "to": "17:00"}],
        [{"days": [True], "from": "10:00", "to": "17:00"}],
    ],
)
def test_hours_that_cannot_be_read_say_so(office, hours):
    with pytest.raises(ValueError, match=r"\.$|:"):
        calendars.read(hours)
    office.hours = hours
    with pytest.raises(calendars.NeverOpen, match="cannot be read"):
        calendars.open_now(office)


def test_holidays_are_looked_up_once_in_a_while(office, django_assert_num_queries):
    calendars.open_now(office)
    with django_assert_num_queries(0):
        calendars.add(durations.read("3 working days"), at("2026-06-01 12:00"), office)


def test_a_year_ahead_takes_less_than_a_millisecond(office):
    def best(duration: str) -> float:
        read, start, taken = durations.read(duration), at("2026-06-01 12:34"), []
        for _ in range(20):
            begun = time.perf_counter()
            calendars.add(read, start, office)
            taken.append(time.perf_counter() - begun)
        return min(taken)

    assert best("300 working days") < 0.001
    assert best("2000 working hours") < 0.001
