"""Work in the request itself (`KMRL_PROCESS_INLINE`): for debugging, and where no worker can be had."""

from collections.abc import Sequence
from uuid import UUID

from jobs import claiming, presence, running
from jobs.models import Job, JobState


def work(ids: Sequence[UUID]) -> None:
    """Run these jobs now, in this thread; failed ones are tried again at once until their attempts are spent."""
    waiting = list(ids)
    while waiting:
        jobs = claiming.claim_these(waiting, worker=presence.mine().id)
        for job in jobs:
            running.work_off([job])
        Job.objects.filter(pk__in=waiting, state=JobState.FAILED).update(state=JobState.QUEUED, run_after=None)
        left = set(Job.objects.filter(pk__in=waiting, state=JobState.QUEUED).values_list("pk", flat=True))
        waiting = [pk for pk in waiting if pk in left] if jobs else []
