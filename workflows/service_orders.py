"""Ordering the work of service steps, and taking orders back. The work itself is done by `workflows.service_steps`."""

from typing import Any

from django.db.models import QuerySet

from jobs import enqueueing, unasked
from jobs.enqueueing import Order
from jobs.models import Job, Priority
from jobs.models.job import UNFINISHED
from workflows.models import Instance

KIND = "workflow.service"
SUBJECT = "workflow"


def order(*, instance: Instance, token: int, step: str, call: str, params: dict[str, Any], undo: bool = False) -> Job:
    """Have an action done for the token of a locked run, as urgently as the run is; the run hears `Done` or `Failed`.

    When the token's work waits already (its dead job is done again) that one is it. In the caller's transaction.
    """
    for job in _open(instance, token):
        return job
    drafted = draft(instance=instance, token=token, step=step, call=call, params=params, undo=undo)
    return enqueueing.enqueue_many([drafted])[0]


def draft(*, instance: Instance, token: int, step: str, call: str, params: dict[str, Any], undo: bool = False) -> Order:
    """As `order`, not written yet: for a token that cannot have any work waiting. Write it with `enqueue_many`."""
    payload = {
        "instance": str(instance.pk),
        "token": token,
        "step": step,
        "call": call,
        "params": params,
        "undo": undo,
    }
    return Order(
        kind=KIND,
        payload=payload,
        owner=instance.started_by,
        priority=Priority(instance.priority),
        subject=(SUBJECT, str(instance.pk)),
    )


def withdraw(*, instance: Instance, token: int | None = None) -> int:
    """Cancel what was ordered for that token, or for the whole run (both locked); how many jobs. Nobody is told."""
    jobs = list(_open(instance, token))
    for job in jobs:
        Job.objects.filter(pk=job.pk).update(payload={**job.payload, "withdrawn": True})
        unasked.cancel(job_id=job.pk, by=None)
    return len(jobs)


def _open(instance: Instance, token: int | None) -> QuerySet[Job]:
    """Locked: what ends meanwhile is not among them."""
    jobs = Job.objects.filter(subject_kind=SUBJECT, subject_id=str(instance.pk), kind=KIND, state__in=UNFINISHED)
    if token is not None:
        jobs = jobs.filter(payload__token=token)
    return jobs.order_by("pk").select_for_update(of=("self",))
