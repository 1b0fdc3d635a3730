"""The register of worker processes: who is there, with what, since when last seen."""

from datetime import timedelta

from django.utils import timezone

from jobs.models import Worker
from jobs.presence import Presence

GONE_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)


def say_alive(me: Presence, memory_mb: int) -> None:
    """Write this process' row; learn whether somebody wants it drained."""
    now = timezone.now()
    seen = {"seen_at": now, "memory_mb": memory_mb, "jobs_done": me.jobs_done, "busy": me.busy_hands}
    if not Worker.objects.filter(pk=me.id).update(**seen):
        Worker.objects.create(
            pk=me.id,
            queues=[me.queue],
            host=me.host,
            pid=me.pid,
            space=me.space,
            concurrency=me.concurrency,
            started_at=now,
            **seen,
        )
    me.draining = Worker.objects.filter(pk=me.id, draining=True).exists()


def leave(me: Presence) -> None:
    Worker.objects.filter(pk=me.id).delete()
