"""Calendars as the house has them, and days to reckon with: June 2026 begins on a Monday."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts import history
from accounts.models import User
from documents.models import Document
from tests.workflows.running.conftest import _no_bodies_from_before, paper, publish
from workflows import calendars, clock, running
from workflows.models import Definition, Holiday, Instance, WorkCalendar
from workflows.seeding import calendars as seeding

__all__ = ["_no_bodies_from_before", "paper", "publish"]

IST = ZoneInfo("Asia/Kolkata")


def at(text: str, zone: ZoneInfo = IST) -> datetime:
    """`at("2026-06-01 15:00")`: that moment on the clocks of the house."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.fixture(autouse=True)
def _holidays_are_looked_up_anew() -> Iterator[None]:
    calendars.forget()
    yield
    calendars.forget()


@pytest.fixture
def calendar(db) -> Callable[..., WorkCalendar]:
    """`calendar([(range(5), "09:00", "17:00")], holidays=["2026-08-15"], zone="Asia/Kolkata")`."""

    def make(
        hours: list[tuple], *, holidays: tuple[str, ...] = (), zone: str = "Asia/Kolkata", **others
    ) -> WorkCalendar:
        made = WorkCalendar.objects.create(
            key=f"test-{WorkCalendar.objects.count()}",
            name="Test",
            time_zone=zone,
            hours=[{"days": list(days), "from": begins, "to": ends} for days, begins, ends in hours],
            **others,
        )
        Holiday.objects.bulk_create(
            [Holiday(calendar=made, day=date.fromisoformat(day), name="Holiday") for day in holidays]
        )
        return made

    return make


@pytest.fixture
def office(calendar) -> WorkCalendar:
    """Monday to Saturday 10–17, second Saturdays off; Independence Day and three days of Onam 2026."""
    holidays = ("2026-08-15", "2026-08-25", "2026-08-26", "2026-08-27", "2026-10-02")
    return calendar([(range(6), "10:00", "17:00")], second_saturdays_off=True, holidays=holidays)


@pytest.fixture
def nights(calendar) -> WorkCalendar:
    """The night shift, every night."""
    return calendar([(range(7), "22:00", "06:00")])


@pytest.fixture
def always(calendar) -> WorkCalendar:
    return calendar([], always=True)


@pytest.fixture
def kerala(db) -> None:
    """The calendars that a new gateway has."""
    seeding.seed(today=date(2026, 6, 1))


def start(definition: Definition, document: Document | None, when: datetime, by: User | None = None) -> Instance:
    """A run that begins at that moment."""
    with clock.at(when):
        return running.start(definition=definition, document=document, by=by, reason={"trigger": "manual"})


def sla_entries(instance: Instance) -> list[tuple[str, dict]]:
    """What its history says of deadlines, in order."""
    entries = history.of("workflow", instance.pk).filter(action__startswith="sla_")
    return list(entries.values_list("action", "after"))
