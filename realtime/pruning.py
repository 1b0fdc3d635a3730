"""Old events go by age, in small steps that nobody waits for."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, Min
from django.db.models.functions import Greatest
from django.utils import timezone

from realtime import tickets
from realtime.models import Event, Head

BATCH = 5_000


def prune(*, days: int | None = None) -> int:
    """Delete the events that are older than KMRL_EVENT_DAYS; how many.

    First the head says up to where they are gone, then they go: whoever reads meanwhile is told `reset`, and never gets
    a log with holes. An old event that lies behind a newer one stays until that is old too.
    """
    oldest_kept = timezone.now() - timedelta(days=settings.EVENT_DAYS if days is None else days)
    numbered = Event.objects.filter(position__isnull=False)
    first_kept = numbered.filter(at__gte=oldest_kept).aggregate(first=Min("position"))["first"]
    if first_kept is None:
        upto = numbered.order_by("-position").values_list("position", flat=True).first() or 0
    else:
        upto = first_kept - 1
    if Head.objects.filter(pk=1, pruned_to__lt=upto).update(pruned_to=Greatest(F("pruned_to"), upto)):
        return _delete(upto)
    return 0


def _delete(upto: int) -> int:
    gone = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "DELETE FROM realtime_event WHERE id IN"
                " (SELECT id FROM realtime_event WHERE position <= %s ORDER BY position LIMIT %s)",
                [upto, BATCH],
            )
            gone += cursor.rowcount
            if cursor.rowcount < BATCH:
                return gone


def tidy() -> int:
    """All that the live layer throws away: old events, tickets that nobody used."""
    tickets.forget_expired()
    return prune()
