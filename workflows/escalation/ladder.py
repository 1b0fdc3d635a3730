"""The ladder of escalation: what a rung does. The clock counts the rungs; each is taken once."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.refusals import Refusal
from realtime import events
from realtime.notices import telling as notifying
from realtime.workflow_events import TaskEscalated
from workflows import bodies, clock, context, notices, priorities, running
from workflows.engine import body as engine_bodies
from workflows.engine.core import Context
from workflows.engine.fold import EMPTY
from workflows.engine.run import Run
from workflows.engine.talk import Rang
from workflows.engine.values import Trouble, entries
from workflows.escalation import concerned
from workflows.escalation import notices as late_notices
from workflows.models import HumanTask, Instance
from workflows.sla import marking
from workflows.sla.marking import Missed
from workflows.tasks import people, telling, widening

TAKEN, FAILED = "sla_rung", "sla_rung_failed"

Rung = dict[str, Any]
Said = dict[str, Any]


class NoTask(Refusal):
    """A rung that hands over a task stands on a clock that has none."""

    code, title = "no_task", "There is no task to hand over"


def take(late: Missed, rung: Rung, number: int) -> None:
    """Do what the rung says, and write down how late it came.

    One that cannot be carried out is written down with the reason, those who run the house are told, and the ladder
    goes on.
    """
    does = str(rung.get("do"))
    try:
        with transaction.atomic():
            said = _DOES[does](late, rung, number)
    except (Refusal, Trouble) as failed:
        detail = failed.detail
        marking.record(late, FAILED, note=detail, rung=number, do=does)
        notifying.notify_many(late_notices.of_stuck(late.instance, late.task, detail=detail))
        return
    if late.task is not None:
        late.task.rung = number
        HumanTask.objects.filter(pk=late.task.pk).update(rung=number)
        _tell(late, late.task, number, does)
    marking.record(late, TAKEN, rung=number, do=does, after=rung.get("after"), **said)


def _notify(late: Missed, rung: Rung, number: int) -> Said:
    named = people.read(_entries(late, rung), instance=late.instance)
    to = [user.pk for user in people.everybody(named)]
    if late.task is not None:
        notifying.notify_many(notices.of_escalated(late.task, to=to))
    else:
        notifying.notify_many(late_notices.of_late(late.instance, to=to))
    return {"to": to, **({"unknown": named.unknown} if named.unknown else {})}


def _reassign(late: Missed, rung: Rung, number: int) -> Said:
    if late.task is None:
        raise NoTask("This rung gives a task to others, but what it stands on has no task that is open.")
    to = widening.widen(
        task=late.task, entries=_entries(late, rung), by=None, note=f"Rung {number} of the ladder of escalation."
    )
    return {"to": to}


def _raise_priority(late: Missed, rung: Rung, number: int) -> Said:
    priority = priorities.named(rung.get("to_priority"))
    raised = priorities.raise_to(
        instance=late.instance, priority=priority, by=None, note=f"Rung {number} of the ladder of escalation."
    )
    if late.task is not None:
        late.task.priority = HumanTask.objects.values_list("priority", flat=True).get(pk=late.task.pk)
    return {"to_priority": priority.label, "raised": raised}


def _path(late: Missed, rung: Rung, number: int) -> Said:
    if late.token is None:
        raise NoTask("Only the ladder of a step can take another path.")
    running.tell_locked(late.instance, Rang(token=late.token, timer=f"path:{number}"), by=None)
    return {}


_DOES: dict[str, Callable[[Missed, Rung, int], Said]] = {
    "notify": _notify,
    "reassign": _reassign,
    "raise_priority": _raise_priority,
    "path": _path,
}


def _entries(late: Missed, rung: Rung) -> list[dict[str, Any]]:
    """Whom the rung names, its expressions evaluated as the run stands now. Raises Trouble."""
    names = _names(late.instance, late.token)
    found: list[dict[str, Any]] = entries(rung.get("to") or [], names, f"{late.step or 'workflow'}.sla.ladder")
    return found


def _names(instance: Instance, token: int | None) -> dict[str, Any]:
    """What conditions see where the token stands, or in the run's own sequence."""
    body = bodies.of(instance.version_id)
    seen = Context(
        document=context.of_document(instance.document, head=body.reads_head),
        instance=context.of_instance(instance),
        now=clock.now(),
    )
    run = Run(engine_bodies.of(body.data), instance.state or EMPTY, seen)
    return run.names_at(token) if str(token) in run.state["tokens"] and token is not None else run.names(0)


def _tell(late: Missed, task: HumanTask, number: int, does: str) -> None:
    instance = late.instance
    told = TaskEscalated(
        id=str(task.pk),
        workflow=bodies.of(instance.version_id).key,
        rung=number,
        document=str(instance.document_id) if instance.document_id else None,
        instance=str(instance.pk),
        step=task.step,
        title=task.title,
        action=does,
    )
    events.tell(told, to=telling.audience(task, instance, to=concerned.asked(instance, task)))
