"""Old events go by age, in small steps that nobody waits for."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from realtime import log as event_log
from realtime import tickets
from realtime.models import Event, Head

BATCH = 2_000


def prune(*, days: int | None = None) -> int:
    """Delete the events that are older than KMRL_EVENT_DAYS; how many.

    From the oldest on, in pieces of 2,000, each two statements of their own: first the head says up to where events are
    gone, then they go. So whoever reads meanwhile is told `reset` and never gets a log with holes, and numbering, which
    needs the head, waits for a millisecond at most. An old event that lies behind a newer one stays until that is old.
    """
    oldest_kept = timezone.now() - timedelta(days=settings.EVENT_DAYS if days is None else days)
    gone = 0
    while (upto := _old_until(oldest_kept)) is not None:
        Head.objects.filter(pk=1).update(pruned_to=Greatest(F("pruned_to"), upto))
        gone += _delete(upto)
    return gone


def _old_until(oldest_kept: datetime) -> int | None:
    """The last of the first 2,000 positions that are old without a newer one among them; None when there is none."""
    first = Event.objects.filter(position__gt=event_log.pruned_to()).order_by("position")
    upto = None
    for position, at in first.values_list("position", "at")[:BATCH]:
        if at >= oldest_kept:
            break
        upto = position
    return upto


def _delete(upto: int) -> int:
    """Also what an earlier pruning left that was killed between its two statements."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM realtime_event WHERE position <= %s", [upto])
        return cursor.rowcount


def tidy() -> int:
    """All that the live layer throws away: old events, tickets that nobody used."""
    tickets.forget_expired()
    return prune()
