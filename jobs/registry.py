"""The register of worker processes: who is there, with what, since when last seen."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from jobs.models import Worker
from jobs.presence import Presence

GONE_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)
LESS_URGENT = {"high": ("default", "low"), "default": ("low",), "low": ()}


def say_alive(me: Presence, memory_mb: int) -> None:
    """Write this process' row; learn whether somebody wants it drained, and whether it is needed for other queues."""
    now = timezone.now()
    seen = {
        "seen_at": now,
        "memory_mb": memory_mb,
        "jobs_done": me.jobs_done,
        "busy": me.busy_hands,
        "queues": [me.queue, *(name for name in LESS_URGENT[me.queue] if me.helping)],
    }
    if not Worker.objects.filter(pk=me.id).update(**seen):
        Worker.objects.create(
            pk=me.id,
            host=me.host,
            pid=me.pid,
            space=me.space,
            concurrency=me.concurrency,
            started_at=now,
            **seen,
        )
    me.draining = Worker.objects.filter(pk=me.id, draining=True).exists()
    me.helping = not _somebody_serves(LESS_URGENT[me.queue])


def _somebody_serves(queues: Sequence[str]) -> bool:
    """Whether a worker of one of these is there and stays; a worker serves what is more urgent than its queue, too."""
    there = Worker.objects.filter(seen_at__gt=timezone.now() - GONE_AFTER, draining=False, queues__0__in=list(queues))
    return not queues or there.exists()


def leave(me: Presence) -> None:
    Worker.objects.filter(pk=me.id).delete()
