"""The one reminder of a task: to whoever has taken it, else to everybody who can decide it."""

from realtime.notices import telling as notifying
from workflows import notices, timers
from workflows.models import UNDECIDED, HumanTask, Timer
from workflows.tasks import asking, opening, telling


def register() -> None:
    """Make the timer known."""
    timers.on(opening.FOLLOW_UP, rang)


def rang(timer: Timer) -> None:
    """Remind; nothing when it was decided meanwhile. The sweep holds the run."""
    if timer.task_id is None:
        return
    tasks = HumanTask.objects.select_for_update(of=("self",)).select_related("document__newest", "assignee")
    task = tasks.filter(pk=timer.task_id, state__in=UNDECIDED).first()
    if task is None:
        return
    if timer.instance is not None:
        task.instance = timer.instance
    able = asking.deciders(task)
    to = set(able.deciders)
    if task.assignee_id is not None and task.assignee_id in to:
        to = {task.assignee_id}
    notifying.notify_many(notices.of_follow_up(task, to=to))
    telling.record(task, telling.FOLLOWED_UP, by=None, to=sorted(to))
