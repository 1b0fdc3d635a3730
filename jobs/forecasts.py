"""Samples of what those who wait are told, so that it can be compared with what comes (`jobs.place.eta_error`)."""

import uuid
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobs import place
from jobs.models import Forecast, Job, JobState

FRESH = timedelta(seconds=2)  # a sample is a job that began to wait no longer ago
AT_ONCE = 3
KEPT = timedelta(days=1)

_NEWEST = f"""
SELECT id FROM jobs_job WHERE id >= %s AND state = 'queued' AND run_after IS NULL AND attempt = 0
ORDER BY id DESC LIMIT {AT_ONCE}
"""  # noqa: S608 (a number of our own)


def note_some() -> int:
    """Note the forecast of the newest that wait; with the sweep, every 2 s. How many there were.

    Nothing is noted while nobody waits, so an idle house writes nothing.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [_first_id_of((now - FRESH).timestamp())])
        newest = [pk for (pk,) in cursor.fetchall()]
    if not newest:
        return 0
    etas = [(job, place.eta_waiting(job)) for job in Job.objects.filter(pk__in=newest, state=JobState.QUEUED)]
    noted = [Forecast(job_id=job.pk, told_at=now, raw=eta.raw, told=eta.told) for job, eta in etas if eta is not None]
    if noted:
        Forecast.objects.bulk_create(noted, ignore_conflicts=True)
        Forecast.objects.filter(told_at__lt=now - KEPT).delete()
    return len(noted)


def _first_id_of(seconds: float) -> uuid.UUID:
    """The smallest version 7 identifier of that moment: ids are in order of time."""
    return uuid.UUID(int=int(seconds * 1000) << 80)
