"""Making a run: its row, what it waits for, and the news that lets it begin. The turn moves it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from accounts import prepared
from accounts.models import User
from accounts.refusals import Conflict, IllegalMove, NotFound
from documents import control
from documents.models import Document
from realtime.workflow_events import WorkflowStarted
from workflows import bodies, deeds, dependencies, happenings, variables
from workflows.bodies import Body
from workflows.engine.talk import Begin
from workflows.models import ALIVE, Definition, Instance, KeptNews, SlaClock
from workflows.sla import clocks
from workflows.turn import Run, Turn

DEEPEST = 8
"""So many subflows may stand in one another; a definition that starts itself comes to an end there."""
AT_ONCE = 20
"""So many runs begin in the transaction that makes them; the others begin by a job each."""


class AlreadyRuns(Conflict):
    code, title = "already_runs", "This workflow runs on this document already"


def create(
    turn: Turn,
    *,
    definition: Definition,
    document: Document | None,
    by: User | None,
    given: Mapping[str, Any],
    reason: dict[str, Any],
    after: Sequence[tuple[str, object]] = (),
    parent: Instance | None = None,
    parent_token: int | None = None,
    known_alone: bool = False,
) -> Instance:
    """A run of the published version; it begins when the turn goes on, or when what it waits `after` has happened.

    The caller holds the document; the turn writes it. `known_alone`: he has looked, it does not run there. Raises
    IllegalMove, AlreadyRuns, BadVariables, what a clock of its own raises: then the turn is as it was; NotFound
    (nothing like that to wait for), and WaitsForItself.
    """
    body = _published(definition)
    depth = _depth_below(parent)
    if document is not None:
        control.refuse_in_bin(document)
        if body.data.get("one_at_a_time", True) and not known_alone:
            _refuse_second(turn, definition, document)
    values = variables.begin_with(body.data.get("variables") or {}, given)
    why = {**reason, "depth": depth} if depth else reason
    instance = _row(turn, definition, body, document, by, why, parent, parent_token)
    ticking = _clocks_of(instance, body)
    rings = clocks.first_timers(ticking)
    run = Run.of(instance)
    turn.runs[run.pk] = run
    turn.made.append(instance)
    turn.clocks += ticking
    turn.timers += rings
    turn.record(run, deeds.STARTED, by=by, after=_said(run, values, parent))
    _tell(turn, run, by)
    awaited = _waits_for(turn, instance, after, parent) if after else []
    if awaited:
        turn.record(run, deeds.AWAITED, by=by, after={"awaited": [list(one) for one in awaited]})
    _begin(turn, run, Begin(variables=values), waits=bool(awaited), by=by)
    return instance


def _clocks_of(instance: Instance, body: Body) -> list[SlaClock]:
    """The run's own clock, where the definition has an `sla`; the run shows its deadline."""
    if not body.data.get("sla"):
        return []
    clock = clocks.draft(instance=instance, token=None, step="", spec=body.data["sla"])
    instance.due_at = clock.due_at
    return [clock]


def _waits_for(
    turn: Turn, instance: Instance, after: Sequence[tuple[str, object]], parent: Instance | None
) -> list[tuple[str, str]]:
    turn.write_new()
    return dependencies.wait_for(instance, after, above=parent)


def _begin(turn: Turn, run: Run, begin: Begin, *, waits: bool, by: User | None) -> None:
    """Now, by a job of its own when this turn lets many begin, or when all has happened that it waits for."""
    if not waits and turn.begun < AT_ONCE:
        turn.begun += 1
        turn.say(run.pk, begin, by=by)
        return
    turn.kept.append(KeptNews(instance=run.instance, kind="Begin", said=asdict(begin), by=by, at=turn.now))
    if not waits:
        turn.orders.append(happenings.begin_later(run.instance))


def _published(definition: Definition) -> Body:
    if definition.published_id is None or not definition.active:
        why = "is switched off" if definition.published_id else "has no published version"
        raise IllegalMove(f"The workflow “{definition.title}” {why}; it cannot be started.")
    return bodies.of(definition.published_id)


def _row(
    turn: Turn,
    definition: Definition,
    body: Body,
    document: Document | None,
    by: User | None,
    reason: dict[str, Any],
    parent: Instance | None,
    parent_token: int | None,
) -> Instance:
    like = document or parent
    values: dict[str, Any] = {} if like is None else {"priority": like.priority, "department_id": like.department_id}
    if like is None and by is not None:
        values["department_id"] = _only_department(by)
    return Instance(
        definition=definition,
        version_id=body.version_id,
        document=document,
        document_version=document.newest.number if document is not None and document.newest else None,
        reason=reason,
        parent=parent,
        parent_token=parent_token,
        started_by=by,
        started_at=turn.now,
        **values,
    )


def _only_department(by: User) -> int | None:
    """Where a run without a document belongs: to the department of who starts it, when that is one."""
    mine = list(by.memberships.filter(department__active=True).values_list("department_id", flat=True)[:2])
    return mine[0] if len(mine) == 1 else None


_ALIVE = """
SELECT started_at FROM workflows_instance
WHERE definition_id = %s AND document_id = %s AND status = ANY(%s::text[]) LIMIT 1
"""


def _refuse_second(turn: Turn, definition: Definition, document: Document) -> None:
    found = prepared.rows(_ALIVE, [definition.pk, document.pk, [str(status) for status in ALIVE]])
    since = [row[0] for row in found]
    since += [
        one.started_at for one in turn.made if (one.definition_id, one.document_id) == (definition.pk, document.pk)
    ]
    if since:
        raise AlreadyRuns(
            f"The workflow “{definition.title}” runs on this document already, since"
            f" {since[0].astimezone(UTC):%Y-%m-%d %H:%M} UTC. Let it end, or cancel it first."
        )


def _depth_below(parent: Instance | None) -> int:
    depth = 0 if parent is None else int(parent.reason.get("depth", 0)) + 1
    if depth > DEEPEST:
        raise IllegalMove(f"More than {DEEPEST} subflows stand in one another; this one is not started.")
    return depth


def _said(run: Run, values: dict[str, Any], parent: Instance | None) -> dict[str, Any]:
    instance = run.instance
    said = {
        "definition": run.body.key,
        "version": run.body.number,
        "document": None if instance.document_id is None else str(instance.document_id),
        "document_version": instance.document_version,
        "reason": instance.reason,
        "variables": values,
    }
    return said if parent is None else {**said, "parent": str(parent.pk), "parent_token": instance.parent_token}


def _tell(turn: Turn, run: Run, by: User | None) -> None:
    instance = run.instance
    told = WorkflowStarted(
        id=str(run.pk),
        definition=run.body.key,
        version=run.body.number,
        document=str(instance.document_id) if instance.document_id else None,
        title=run.body.title,
        trigger=str(instance.reason.get("trigger", "")),
        started_by=by.get_username() if by else None,
    )
    turn.told.append((run.pk, told))


def named(key: str) -> Definition:
    """The definition with this key. Raises NotFound."""
    found = Definition.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no workflow “{key}”.")
    return found
