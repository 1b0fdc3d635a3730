from datetime import date, time

from tests.workflows.time.conftest import at
from workflows import calendars, durations
from workflows.models import Holiday, Shift, WorkCalendar
from workflows.seeding import calendars as seeding


def test_a_new_gateway_knows_its_calendars_holidays_and_shifts(db):
    added = seeding.seed(today=date(2026, 11, 28))
    assert added == {"calendars": 2, "holidays": Holiday.objects.count(), "shifts": 3}
    assert Holiday.objects.filter(day__year=2026).count() == 22
    assert Holiday.objects.filter(day__year=2027).count() == 19
    assert set(Holiday.objects.values_list("calendar__key", flat=True)) == {"office"}
    night = Shift.objects.get(key="night")
    assert (night.begins, night.ends) == (time(22), time(6))
    assert list(Shift.objects.values_list("key", flat=True)) == ["morning", "evening", "night"]


def test_what_people_changed_stays_and_a_new_year_is_added(db):
    seeding.seed(today=date(2026, 11, 28))
    WorkCalendar.objects.filter(key="office").update(hours=[], name="Ours")
    Shift.objects.filter(key="night").update(begins=time(21))
    Holiday.objects.filter(day=date(2027, 4, 15)).delete()
    assert seeding.seed(today=date(2026, 12, 1)) == {"calendars": 0, "holidays": 0, "shifts": 0}
    assert WorkCalendar.objects.get(key="office").name == "Ours"
    assert Shift.objects.get(key="night").begins == time(21)
    assert not Holiday.objects.filter(day=date(2027, 4, 15)).exists()
    assert seeding.seed(today=date(2027, 1, 1))["holidays"] == 6


def test_the_seeded_office_works_as_offices_in_kerala_do(db):
    seeding.seed(today=date(2026, 11, 28))
    office, one_day = calendars.named(), durations.read("1 working days")
    assert calendars.add(one_day, at("2026-11-13 15:00"), office) == at("2026-11-16 15:00")
    assert calendars.add(one_day, at("2026-08-24 12:00"), office) == at("2026-08-29 12:00")
    assert calendars.add(one_day, at("2026-12-24 12:00"), office) == at("2026-12-26 12:00")
    operations = calendars.named("operations")
    assert calendars.add(one_day, at("2026-12-24 23:00"), operations) == at("2026-12-25 23:00")
