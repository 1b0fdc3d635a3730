"""A calendar has changed (a holiday was declared, hours are others): the deadlines that are counted in it move."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from workflows import calendars, locks
from workflows.models import ClockState, SlaClock, WorkCalendar
from workflows.sla import clocks


def reckon(calendar: WorkCalendar, *, by: User | None) -> int:
    """Count the running clocks of this calendar anew; how many deadlines moved. One short transaction for each run.

    What a clock shows so far is counted by the calendar as it is now, too. Who changes a calendar, or its holidays,
    calls this after his change is committed. Raises NeverOpen when it has no open hours any more.
    """
    calendars.forget()
    running = SlaClock.objects.filter(calendar=calendar, state=ClockState.RUNNING)
    runs = list(running.order_by("instance_id").values_list("instance_id", flat=True).distinct())
    return sum(_of_run(pk, calendar, by) for pk in runs)


@transaction.atomic
def _of_run(pk: UUID, calendar: WorkCalendar, by: User | None) -> int:
    instance = locks.hold([pk]).get(pk)
    return (
        0 if instance is None or not instance.is_alive else clocks.reckon(instance=instance, calendar=calendar, by=by)
    )
