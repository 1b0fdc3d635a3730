"""The end of a run: who is told of it, and who goes on."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from jobs.enqueueing import Order
from realtime.workflow_events import WorkflowFinished
from workflows import alarms, bodies, happenings, timers
from workflows.circles import FINISHED
from workflows.engine.talk import Ended, Failed, Finish, News
from workflows.models import ALIVE, Instance, KeptNews
from workflows.sla import clocks
from workflows.turn import Happening, Run, Turn


def finish(turn: Turn, run: Run, effect: Finish, by: User | None) -> None:
    """The run has ended: nothing rings any more, whoever waits for it is told, a subflow's parent goes on."""
    instance = run.instance
    instance.outcome, instance.finished_at = effect.outcome[:40], turn.now
    instance.cancel() if effect.cancelled else instance.finish()
    run.changed = True
    timers.drop(instance=instance)
    if effect.cancelled:
        KeptNews.objects.filter(instance=instance).delete()  # it was paused, or had not begun
    if run.body.data.get("sla"):
        clocks.stop(instance=instance)
    turn.happenings.append(Happening(FINISHED, str(run.pk), told_of(instance)))
    turn.told.append((run.pk, _event(run)))
    turn.notices += alarms.of_end(instance, title=run.body.title, by=by)
    if instance.parent_id is not None and instance.parent_token is not None:
        turn.say(instance.parent_id, _for_parent(run, effect, instance.parent_token), by=by)


def told_of(instance: Instance) -> dict[str, Any]:
    """What `event` holds for those who waited for the end of this run."""
    body = bodies.of(instance.version_id)
    return {
        "id": str(instance.pk),
        "definition": body.key,
        "version": body.number,
        "status": str(instance.status),
        "outcome": instance.outcome,
        "document": str(instance.document_id) if instance.document_id else "",
    }


def ended(keys: Iterable[str]) -> list[Instance]:
    """Those of the runs with these ids that have ended. A key that is no id is nobody's end."""
    ids = [pk for pk in map(happenings.run_of, keys) if pk is not None]
    return list(Instance.objects.filter(pk__in=ids).exclude(status__in=ALIVE)) if ids else []


def missed(turn: Turn) -> list[Order]:
    """The work of telling those of the turn's listeners whose run has ended since they looked.

    They are held (`happenings.hold`). What ends in this turn itself is told with all that happens in it.
    """
    here = {one.key for one in turn.happenings}
    ears = [row for row in turn.subscriptions if row.event == FINISHED and row.key not in here]
    over = {str(one.pk): told_of(one) for one in ended({row.key for row in ears})}
    return [happenings.order_of(row, over[row.key]) for row in ears if row.key in over]


def _for_parent(run: Run, effect: Finish, token: int) -> News:
    if effect.cancelled:
        detail = f"The workflow “{run.body.title}” that this step had started was cancelled."
        return Failed(token, code="cancelled", detail=detail)
    return Ended(token, outcome=effect.outcome, variables=run.instance.state.get("vars") or {})


def _event(run: Run) -> WorkflowFinished:
    instance = run.instance
    return WorkflowFinished(
        id=str(run.pk),
        definition=run.body.key,
        outcome=instance.outcome,
        document=str(instance.document_id) if instance.document_id else None,
        version=run.body.number,
        title=run.body.title,
        state=str(instance.status),
    )
