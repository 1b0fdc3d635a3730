"""What is read of the queue: backlog, the oldest that waits, failures, and queues that nobody serves."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from jobs.alerts.readings import Reading
from jobs.models import QueueName
from jobs.registry import GONE_AFTER
from jobs.running import SERVED

COUNTED_TO = 100_000
LOOKED_BACK = 5_000
FAILED_OF_AT_LEAST = 20
NO_WORKER_AFTER = 30.0  # seconds: workers that are started again, or after the web server

WAITING = """
SELECT queue, count(*), extract(epoch FROM clock_timestamp() - min(created_at)) FROM (
    SELECT queue, created_at FROM jobs_job WHERE state = 'queued' AND run_after IS NULL LIMIT %s
) AS waiting GROUP BY queue
"""
ENDED = """
SELECT count(*), count(*) FILTER (WHERE state = 'dead') FROM (
    SELECT state FROM jobs_job WHERE finished_at > clock_timestamp() - interval '15 minutes'
    ORDER BY finished_at DESC LIMIT %s
) AS lately
"""
ALIVE = """
SELECT served.name, count(*) FROM jobs_worker w, jsonb_array_elements_text(w.queues) AS served (name)
WHERE w.seen_at > clock_timestamp() - %s AND NOT w.draining GROUP BY served.name
"""


def waiting() -> Iterator[Reading]:
    """Backlog and the oldest by queue, and who serves it. Counted to 100,000 by the index of the claimable."""
    counts = {queue: (number, float(age)) for queue, number, age in _rows(WAITING, [COUNTED_TO])}
    paused = {name for (name,) in _rows("SELECT name FROM jobs_queue WHERE paused", [])}
    served, alive = _served()
    for name in QueueName:
        queue = str(name)
        number, age = counts.get(queue, (0, 0.0))
        also = " " + _("The queue is paused: resume it.") if queue in paused else ""
        yield _backlog(queue, number, also)
        yield _oldest(queue, age, also)
        unserved = number > 0 and queue not in served and queue not in paused
        yield _no_worker(queue, bad=unserved and alive > 0)
    if not settings.PROCESS_INLINE:
        yield _no_worker("", bad=alive == 0)


def failures() -> Iterator[Reading]:
    """Jobs that were given up, of those that ended within a quarter of an hour (of the newest 5,000)."""
    percent = settings.ALERT_FAILURE_PERCENT
    ended, dead = _rows(ENDED, [LOOKED_BACK])[0]
    if percent:
        share = 100.0 * dead / ended if ended >= FAILED_OF_AT_LEAST else 0.0
        text = _(
            "%(dead)s of the last %(ended)s jobs were given up (%(share).0f %%). Look at the dead jobs by cause, mend"
            " the cause, and retry them."
        ) % {"dead": dead, "ended": ended, "share": share}
        yield Reading(name="failures", value=share, threshold=percent, calm=percent * 0.8, text=text)


def _backlog(queue: str, number: int, also: str) -> Reading:
    most = settings.ALERT_BACKLOG or float("inf")
    text = _("%(number)s jobs wait in the queue %(queue)s (%(most)s is much). Start more workers.") % {
        "number": f"{number:,}",
        "queue": queue,
        "most": f"{most:,}",
    }
    return Reading(
        name="backlog", subject=queue, value=number, threshold=most, calm=most * 0.8, text=text + also, level="warning"
    )


def _oldest(queue: str, age: float, also: str) -> Reading:
    most = settings.ALERT_OLDEST[queue] or float("inf")
    text = _("A job has waited for %(age)s in the queue %(queue)s. Start more workers, or see what they do.") % {
        "age": _said(age),
        "queue": queue,
    }
    return Reading(name="oldest_waiting", subject=queue, value=age, threshold=most, calm=most * 0.8, text=text + also)


def _no_worker(queue: str, *, bad: bool) -> Reading:
    if queue:
        text = _("Jobs wait in the queue %(queue)s and no worker serves it. Start one.") % {"queue": queue}
    else:
        text = _("No worker is alive: uploads are accepted and wait. Start the workers.")
    return Reading(
        name="no_worker", subject=queue, value=float(bad), threshold=1, calm=1, text=text, after=NO_WORKER_AFTER
    )


def _served() -> tuple[set[str], int]:
    """The queues that somebody serves who was seen lately and is not leaving; and how many those are."""
    rows = _rows(ALIVE, [GONE_AFTER])
    return {str(queue) for name, _ in rows for queue in SERVED.get(name, ())}, sum(workers for _, workers in rows)


def _said(seconds: float) -> str:
    return _("%(n)s min") % {"n": round(seconds / 60)} if seconds >= 120 else _("%(n)s s") % {"n": round(seconds)}


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
