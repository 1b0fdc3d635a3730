"""Control over runs: what administrators, and the head of the run's department, do to them. Recorded with who and why.

Each locks first and asks under the lock. Raises NotFound for a run that `rights` do not show, NotAllowed for who may
only see it, and IllegalMove (409) where it makes no sense. A subflow is controlled like any other run.
"""

from uuid import UUID

from accounts.models import Role, User
from accounts.refusals import IllegalMove, NotAllowed, NotFound
from accounts.rights import Action, Rights
from workflows import again, awaiting, deeds, dependencies, locks, moving, running
from workflows.engine.state import INCIDENT
from workflows.engine.talk import News, Retry, Skip, Stop
from workflows.models import Instance, InstanceStatus
from workflows.sla import clocks, due_dates
from workflows.turn import Run, Turn
from workflows.visibility import may_see

WHY_MOST = 500


@again.whole
def pause(*, instance_id: UUID, by: User, rights: Rights, why: str = "") -> Instance:
    """Let nothing move until somebody resumes it: what comes meanwhile is kept, its clocks stand still."""
    turn, run = _controlled(instance_id, rights)
    if run.instance.status == InstanceStatus.PAUSED:
        raise IllegalMove("It is paused already.")
    before = str(run.instance.status)
    run.instance.pause()
    turn.record(run, deeds.PAUSED, by=by, after={"before": before}, note=_said(why))
    clocks.pause(instance=run.instance)
    due_dates.stand_still(instance=run.instance)
    running.finish(turn)
    return run.instance


@again.whole
def resume(*, instance_id: UUID, by: User, rights: Rights, why: str = "") -> Instance:
    """Let it move again, and tell it in order what was kept."""
    turn, run = _controlled(instance_id, rights)
    if run.instance.status != InstanceStatus.PAUSED:
        raise IllegalMove("It is not paused.")
    run.instance.go_on()
    turn.record(run, deeds.RESUMED, by=by, after={}, note=_said(why))
    moving.take_status(run)
    clocks.resume(instance=run.instance)
    due_dates.go_on(instance=run.instance)
    running.tell_kept(turn, run.instance)
    running.finish(turn)
    return run.instance


@again.whole
def cancel(*, instance_id: UUID, by: User, rights: Rights, why: str = "") -> Instance:
    """End it here: its tasks are closed, its work is stopped, its subflows are cancelled. Also while it is paused."""
    turn, run = _controlled(instance_id, rights)
    turn.record(run, deeds.CANCELLED, by=by, after={}, note=_said(why))
    return _told(turn, run, Stop(), by)


@again.whole
def retry(*, instance_id: UUID, by: User, rights: Rights, token: int | None = None, why: str = "") -> Instance:
    """Try again what failed at a token, or at every token that stands at an incident."""
    return _resolve(deeds.RETRIED, instance_id, by, rights, token, why, "")


@again.whole
def skip(
    *, instance_id: UUID, by: User, rights: Rights, token: int | None = None, outcome: str = "skipped", why: str = ""
) -> Instance:
    """Let a token (or every one at an incident) go on as if its step had ended with this outcome."""
    return _resolve(deeds.SKIPPED, instance_id, by, rights, token, why, outcome)


@again.whole
def wait_for(*, instance_id: UUID, kind: str, other: UUID, by: User, rights: Rights, why: str = "") -> Instance:
    """Have it wait for the end of another run, or until a document is read: until then no step of it begins or ends.

    Also of a run that is at work or paused; its open tasks are decided, its deadlines go on. Raises NotFound for what
    `rights` do not show, WaitsForItself, and what `dependencies.add` raises besides.
    """
    turn, run = _controlled(instance_id, rights)
    dependencies.refuse_unseen([(kind, other)], rights)
    dependency = dependencies.add(run.instance, kind=kind, pk=other)
    awaiting.tell(turn, run, deeds.DEPENDS, dependency, by=by, note=_said(why))
    running.finish(turn)
    return run.instance


@again.whole
def stop_waiting(*, instance_id: UUID, dependency: int, by: User, rights: Rights, why: str = "") -> Instance:
    """Have it wait for this no more; when that was the last, it hears what was kept for it and goes on.

    Raises NotFound; IllegalMove when it has happened meanwhile.
    """
    turn, run = _controlled(instance_id, rights)
    gone = dependencies.take_away(turn, run.instance, pk=dependency)
    awaiting.tell(turn, run, deeds.UNDEPENDS, gone, by=by, note=_said(why))
    running.tell_kept(turn, run.instance)
    running.finish(turn)
    return run.instance


def may_control(instance: Instance, rights: Rights) -> bool:
    """Whether these rights, which show the run, may control it: administrators, and the head of its department."""
    if not rights.scope_allows(Action.CONTROL) or rights.auditor:
        return False
    source = instance.document.source.key if rights.sources is not None and instance.document is not None else None
    if rights.bound and not rights.reaches(department_id=instance.department_id, source=source):
        return False
    if rights.administrator:
        return True
    return instance.department_id is not None and rights.departments.get(instance.department_id) == Role.HEAD


def _resolve(
    deed: str, instance_id: UUID, by: User, rights: Rights, token: int | None, why: str, outcome: str
) -> Instance:
    turn, run = _controlled(instance_id, rights)
    if run.instance.status == InstanceStatus.PAUSED:
        raise IllegalMove("It is paused. Resume it first.")
    if not dependencies.met(run.instance):
        raise IllegalMove("It waits for others. Let them end, or take away what it waits for.")
    found = _standing(run.instance)
    if token is not None:
        found = [number for number in found if number == token]
    if not found:
        raise IllegalMove("Nothing stands at an incident there; somebody may have taken care of it already.")
    said = {"tokens": found, "outcome": outcome} if outcome else {"tokens": found}
    turn.record(run, deed, by=by, after=said, note=_said(why))
    for number in found:
        turn.say(run.pk, Skip(number, outcome=outcome) if outcome else Retry(number), by=by)
    running.finish(turn)
    return run.instance


def _standing(instance: Instance) -> list[int]:
    tokens = instance.state.get("tokens") or {}
    return sorted(int(number) for number, token in tokens.items() if token["state"] == INCIDENT)


def _controlled(instance_id: UUID, rights: Rights) -> tuple[Turn, Run]:
    """A turn with the run in hand, locked. Raises NotFound, NotAllowed; IllegalMove when it has ended."""
    locks.take([instance_id])
    instance = next(iter(locks.rows([instance_id])), None)
    if instance is None or not may_see(instance, rights):
        raise NotFound("There is no such run that you may see.")
    if not may_control(instance, rights):
        raise NotAllowed("Runs are controlled by administrators and by the head of their department.")
    if not instance.is_alive:
        raise IllegalMove(f"It has ended already: {instance.get_status_display().lower()}.")
    turn = Turn()
    turn.take([instance])
    return turn, turn.runs[instance.pk]


def _told(turn: Turn, run: Run, news: News, by: User) -> Instance:
    turn.say(run.pk, news, by=by)
    running.finish(turn)
    return run.instance


def _said(why: str) -> str:
    return why.strip()[:WHY_MOST]
