"""Durations as people write them."""

import pytest

from workflows import durations


@pytest.mark.parametrize(
    ("text", "number", "unit", "working"),
    [
        ("90 seconds", 90, "second", False),
        ("1 hour", 1, "hour", False),
        ("1.5 hours", 1.5, "hour", False),
        ("6 working hours", 6, "hour", True),
        (" 2 Working Days ", 2, "day", True),
        ("1 days", 1, "day", False),
        ("2 weeks", 2, "week", False),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, number, unit, working):
    assert durations.read(text) == durations.Duration(number, unit, working)


def test_wall_clock_durations_have_seconds_and_working_ones_do_not():
    assert durations.read("1.5 hours").seconds == 5400
    with pytest.raises(ValueError, match="depends on the calendar"):
        _ = durations.read("2 working days").seconds


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("soon", "write one number and one unit"),
        ("2", "write one number and one unit"),
        ("-2 days", "write one number and one unit"),
        ("2 days 3 hours", "write one number and one unit"),
        ("0 days", "no time at all"),
        ("3 fortnights", "no unit of time"),
        ("2 working weeks", "no working weeks"),
        ("10 working seconds", "no working seconds"),
        ("900000 days", "longer than ten years"),
        (5, "is not a duration"),
    ],
)
def test_what_is_no_duration_says_how_to_write_one(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        durations.read(text)
