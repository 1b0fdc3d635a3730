"""Moving runs to another version of their definition: looked at first, then all of them or none.

The dry run and the migration ask the same: `workflows.engine.fitting.fit`. What tokens have asked for (tasks, jobs,
timers) stays as it was asked; their steps are found again by id, or by a mapping of old ids to new ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from accounts.refusals import Conflict, NotAllowed, NotFound
from accounts.rights import Action, Rights
from workflows import again, bodies, locks, running
from workflows.bodies import Body
from workflows.engine import fitting, fold
from workflows.engine.talk import Fact
from workflows.models import ALIVE, UNDECIDED, Definition, DefinitionVersion, HumanTask, Incident, Instance, StepRun
from workflows.turn import Run, Turn

AT_ONCE = 500


class DoNotFit(Conflict):
    """`errors` says for each run (by id) why."""

    code, title = "do_not_fit", "Not all of these runs can go on in that version"


@dataclass(frozen=True)
class Place:
    """What becomes of one run: `why` it does not fit, in sentences; it fits when there is none."""

    instance: UUID
    version: int
    why: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = field(default=(), repr=False)

    @property
    def fits(self) -> bool:
        return not self.why


@dataclass(frozen=True)
class Plan:
    """What a migration would do."""

    definition: str
    to: int
    places: tuple[Place, ...]

    @property
    def fits(self) -> bool:
        """Whether all of them do."""
        return all(place.fits for place in self.places)


def plan(
    *,
    definition: Definition,
    to: int,
    instances: Sequence[UUID] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Plan:
    """A dry run: which of these living runs (all that stand in other versions, at most 500) fit into version `to`.

    `mapping` names for a step of the old version the one that stands for it in the new. Raises NotFound.
    """
    target = _target(definition, to)
    return _plan(target, locks.rows(_wanted(definition, target, instances)), mapping or {})


@again.whole
def migrate(
    *,
    definition: Definition,
    to: int,
    instances: Sequence[UUID] | None = None,
    mapping: Mapping[str, str] | None = None,
    by: User,
    rights: Rights,
    why: str = "",
) -> Plan:
    """Do it, for all of them or for none. Raises NotAllowed, NotFound, and DoNotFit with each run's reasons."""
    if not rights.may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators move runs to another version.")
    target, mapping = _target(definition, to), mapping or {}
    wanted = _wanted(definition, target, instances)
    locks.take(wanted)
    rows = locks.rows(wanted)
    if instances is not None and len(rows) != len(set(instances)):
        raise NotFound("Some of these runs are not there.")
    found = _plan(target, rows, mapping)
    if not found.fits:
        errors = {str(place.instance): list(place.why) for place in found.places if not place.fits}
        said = f"{len(errors)} of {len(found.places)} runs cannot go on in version {to}; none was moved."
        raise DoNotFit(said, errors=errors)
    turn = Turn()
    turn.take(rows)
    for place in found.places:
        _move(turn, turn.runs[place.instance], place, target, by, why)
    _rename(wanted, target, mapping)
    running.finish(turn)
    return found


def _plan(target: Body, rows: Sequence[Instance], mapping: Mapping[str, str]) -> Plan:
    return Plan(target.key, target.number, tuple(_place(row, target, mapping) for row in rows))


def _place(row: Instance, target: Body, mapping: Mapping[str, str]) -> Place:
    held = bodies.of(row.version_id)
    pk = UUID(str(row.pk))
    if held.definition_id != target.definition_id:
        return Place(pk, held.number, (f"It is a run of “{held.title}”, another definition.",))
    if held.version_id == target.version_id:
        return Place(pk, held.number, ("It stands in that version already.",))
    if row.is_alive and not row.state:
        return Place(pk, held.number, ("It has not begun: it waits for others. Start it anew in the new version.",))
    facts, misfits = fitting.fit(held.data, target.data, row.state, mapping)
    return Place(pk, held.number, tuple(_words(one) for one in misfits), facts)


def _words(misfit: fitting.Misfit) -> str:
    return f"{misfit.step}: {misfit.message}" if misfit.step else misfit.message


def _move(turn: Turn, run: Run, place: Place, target: Body, by: User, why: str) -> None:
    instance = run.instance
    for fact in place.facts:
        data = {**fact.data, "from": place.version, "to": target.number}
        instance.state = fold.fold(instance.state, fact.action, data)
        turn.record(run, fact.action, by=by, after=data, note=why.strip())
    instance.version_id = target.version_id
    run.body = target


def _rename(instances: Sequence[UUID], target: Body, mapping: Mapping[str, str]) -> None:
    """Rows of what stands open follow: figures count them where they stand now."""
    StepRun.objects.filter(instance__in=instances, left_at=None).update(version=target.version_id)
    for old, new in mapping.items():
        StepRun.objects.filter(instance__in=instances, left_at=None, step=old).update(step=new)
        HumanTask.objects.filter(instance__in=instances, state__in=UNDECIDED, step=old).update(step=new)
        Incident.objects.filter(instance__in=instances, resolved_at=None, step=old).update(step=new)


def _target(definition: Definition, to: int) -> Body:
    pk = DefinitionVersion.objects.filter(definition=definition, number=to).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound(f"“{definition.title}” has no version {to}.")
    return bodies.of(pk)


def _wanted(definition: Definition, target: Body, instances: Sequence[UUID] | None) -> list[UUID]:
    if instances is not None:
        return list(instances)
    alive = Instance.objects.filter(definition=definition, status__in=ALIVE).exclude(version=target.version_id)
    return list(alive.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
