"""Making a run more urgent: itself, what it asks people, and the work that waits for it."""

from uuid import UUID

from accounts import history
from accounts.models import User
from accounts.refusals import IllegalMove, Refusal
from jobs import unasked
from jobs.models import Job, Priority
from jobs.models.job import UNFINISHED
from workflows.deeds import SUBJECT
from workflows.models import UNDECIDED, HumanTask, Instance

RAISED = "priority_raised"
BY_NAME = {priority.label: priority for priority in Priority}


class NoPriority(Refusal):
    """The definition names a priority that there is not."""

    code, title = "no_priority", "There is no such priority"


def named(name: object) -> Priority:
    """The priority of this name. Raises NoPriority."""
    found = BY_NAME.get(str(name))
    if found is None:
        raise NoPriority(f"There is no priority “{name}”: it is {', '.join(BY_NAME)}.")
    return found


def raise_to(*, instance: Instance, priority: Priority, by: User | None, note: str = "") -> bool:
    """The run, its undecided tasks and its queued work are at least so urgent from now on; whether anything changed.

    Nothing becomes less urgent. The caller holds the run.
    """
    before = Priority(instance.priority)
    tasks = HumanTask.objects.filter(instance=instance, state__in=UNDECIDED, priority__gt=priority)
    raised = tasks.update(priority=priority)
    work = [_raise_job(pk, priority, by, note) for pk in _jobs(instance, priority)]
    if before > priority:
        instance.priority = priority
        Instance.objects.filter(pk=instance.pk).update(priority=priority)
    if before <= priority and not raised and not any(work):
        return False
    said = {"priority": Priority(instance.priority).label, "tasks": raised, "jobs": sum(work)}
    was = {"priority": before.label}
    history.record(SUBJECT, instance.pk, RAISED, by=by, before=was, after=said, note=note)
    return True


def _jobs(instance: Instance, priority: Priority) -> list[UUID]:
    mine = Job.objects.filter(subject_kind=SUBJECT, subject_id=str(instance.pk), state__in=UNFINISHED)
    return list(mine.filter(priority__gt=priority).order_by("pk").values_list("pk", flat=True))


def _raise_job(pk: UUID, priority: Priority, by: User | None, note: str) -> bool:
    """False when it has ended meanwhile."""
    try:
        unasked.set_priority(job_id=pk, priority=priority, by=by, note=note)
    except IllegalMove:
        return False
    return True
