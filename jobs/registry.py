"""The register of worker processes: who is there, with what, since when last seen."""

from datetime import timedelta

import orjson
from django.utils import timezone

from accounts import prepared
from jobs.models import Worker
from jobs.presence import Presence

GONE_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)
LESS_URGENT = {"high": ("default", "low"), "default": ("low",), "low": ()}


_SAID = """
WITH me AS (
    INSERT INTO jobs_worker AS w (id, host, pid, space, concurrency, started_at, seen_at, memory_mb, jobs_done, busy,
        queues, draining)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, FALSE)
    ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, memory_mb = EXCLUDED.memory_mb,
        jobs_done = EXCLUDED.jobs_done, busy = EXCLUDED.busy, queues = EXCLUDED.queues
    RETURNING draining
)
SELECT me.draining, EXISTS (
    SELECT 1 FROM jobs_worker WHERE seen_at > %s AND NOT draining AND queues ->> 0 = ANY (%s::text[])
) FROM me
"""


def say_alive(me: Presence, memory_mb: int) -> None:
    """Write this process' row; learn whether somebody wants it drained, and whether it is needed for other queues.

    It is where nobody is there, and stays, who serves what is less urgent (a worker serves what is more urgent, too).
    """
    now, others = timezone.now(), LESS_URGENT[me.queue]
    serves = [me.queue, *(others if me.helping else ())]
    ((draining, is_served),) = prepared.rows(
        _SAID,
        [
            *(me.id, me.host, me.pid, me.space, me.concurrency, now),
            *(now, memory_mb, me.jobs_done, me.busy_hands, orjson.dumps(serves).decode()),
            *(now - GONE_AFTER, list(others)),
        ],
    )
    me.draining = draining
    me.helping = bool(others) and not is_served


def leave(me: Presence) -> None:
    Worker.objects.filter(pk=me.id).delete()
