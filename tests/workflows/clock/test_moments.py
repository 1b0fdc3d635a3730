"""Until when a timer waits: whatever somebody writes, it is a time or told to be none."""

from datetime import UTC, datetime

import pytest

from workflows import clock
from workflows.effects.waiting import FURTHEST, NoTime, moment

YEAR = clock.now().year


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-11-05", datetime(2026, 11, 4, 18, 30, tzinfo=UTC)),
        ("2026-11-05T14:30:00", datetime(2026, 11, 5, 9, tzinfo=UTC)),
        ("2026-11-05T14:30:00Z", datetime(2026, 11, 5, 14, 30, tzinfo=UTC)),
        (f"{YEAR + FURTHEST - 1}-06-01T00:00:00Z", datetime(YEAR + FURTHEST - 1, 6, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_that_of_the_house_unless_it_says_otherwise(said, means):
    assert moment(said) == means


@pytest.mark.parametrize(
    "said",
    [
        "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "9999-12-31T23:59:59-12:00",
        f"{YEAR + FURTHEST + 3}-01-01", "1e30", "", "2026-02-30",
    ],
)  # fmt: skip
def test_what_is_none_or_at_an_end_of_the_calendar_is_told(said):
    with pytest.raises(NoTime):
        moment(said)
