"""A document's new version and the tasks about the old one: nobody decides on what is out of date.

When new bytes come, tasks bound to the version before are closed as superseded; their tokens wait. When the new version
is read (or cannot be), these steps are entered anew, and the people are asked about what lies before them now.
"""

from collections.abc import Collection
from uuid import UUID

from accounts import prepared
from documents.models import Document
from documents.models.document import IN_WORK
from workflows import locks, running
from workflows.engine.state import WAITING
from workflows.engine.talk import News, Superseded
from workflows.models import ALIVE, UNDECIDED, HumanTask, Instance, TaskState
from workflows.tasks import opening


def close_old(documents: Collection[UUID | str]) -> int:
    """Close what asks about older versions of these locked documents; opened anew at once where all is read already.

    How many tasks.
    """
    old = [task for task in _bound(documents, states=[*UNDECIDED]) if _is_old(task)]
    held = locks.hold({task.instance_id for task in old})
    closed = 0
    for task in old:
        instance = held.get(task.instance_id)
        if instance is not None and opening.close(instance=instance, token=task.token, reason=opening.SUPERSEDED):
            closed += 1
    read = [task.document_id for task in old if task.document and task.document.status not in IN_WORK]
    open_anew([pk for pk in read if pk])
    return closed


def open_anew(documents: Collection[UUID | str]) -> int:
    """Enter anew the steps whose tasks were superseded, of these locked documents, which are read; how many."""
    if not documents:
        return 0
    tasks = [
        task
        for task in _bound(documents, states=[*UNDECIDED, TaskState.SUPERSEDED])
        if task.document and task.document.status not in IN_WORK and (not task.is_undecided or _is_old(task))
    ]
    if not tasks:
        return 0
    held = locks.hold({task.instance_id for task in tasks})
    news: list[tuple[UUID, News]] = [
        (task.instance_id, Superseded(task.token))
        for task in tasks
        if (instance := held.get(task.instance_id)) is not None and _waits(instance, task)
    ]
    if news:
        running.tell_many_locked(news)
    return len(news)


_ANY = """
SELECT EXISTS (SELECT FROM workflows_humantask WHERE document_id = ANY(%s::uuid[]) AND bound_to_version
    AND state = ANY(%s::text[]))
"""


def _bound(documents: Collection[UUID | str], *, states: Collection[str]) -> list[HumanTask]:
    """Tasks of these documents that are about one version, of runs that are alive, in a steady order."""
    wanted = [[str(pk) for pk in documents], [str(state) for state in states]]
    if not documents or not prepared.rows(_ANY, wanted)[0][0]:
        return []
    tasks = HumanTask.objects.filter(
        document__in=list(documents), bound_to_version=True, state__in=list(states), instance__status__in=ALIVE
    )
    return list(tasks.select_related("document__newest").order_by("instance_id", "token"))


def _is_old(task: HumanTask) -> bool:
    document: Document | None = task.document
    newest = document.newest if document else None
    return newest is not None and task.document_version != newest.number


def _waits(instance: Instance, task: HumanTask) -> bool:
    """Whether its token still stands there: entered anew a step has another one."""
    token = (instance.state.get("tokens") or {}).get(str(task.token))
    return token is not None and token["state"] == WAITING and token["step"] == task.step
