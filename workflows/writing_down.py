"""Writing a turn down: each table once, whatever the number of runs and steps. In the caller's transaction."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts import prepared, writing
from accounts.writing import Insert
from jobs import enqueueing
from realtime import events
from realtime.catalogue import Told
from realtime.notices import telling as notifying
from realtime.notices.telling import News
from realtime.workflow_events import WorkflowIncident, WorkflowStep
from workflows import dependencies, happenings, notices, telling
from workflows.effects import ending
from workflows.models import Incident, KeptNews, Subscription
from workflows.turn import Passage, Run, Turn


class Overtaken(RuntimeError):
    """A run was moved by somebody who did not hold it, or twice from one stale copy: nothing is written."""


def write(turn: Turn) -> None:
    """All that the turn has gathered. Raises Overtaken."""
    entries = turn.take_entries()
    for instance in turn.made:
        turn.runs[UUID(str(instance.pk))].changed = False  # they are written as they stand now
    turn.write_new(*([writing.of(entries)] if entries else []), *_passages(turn))
    _instances([run for run in turn.runs.values() if run.changed])
    _incidents(turn)
    _meet(turn)
    KeptNews.objects.bulk_create(turn.kept)
    enqueueing.enqueue_many(turn.orders)
    _tell(turn)


_UPDATE = """
UPDATE workflows_instance i SET status = g.status, outcome = g.outcome, state = g.state, sequence = g.sequence,
    finished_at = g.finished_at, version_id = g.version_id
FROM json_to_recordset(%s::json) AS g (id uuid, known int, status text, outcome text, state jsonb, sequence int,
    finished_at timestamptz, version_id bigint)
WHERE i.id = g.id AND i.sequence = g.known RETURNING i.id
"""


def _instances(runs: list[Run]) -> None:
    if not runs:
        return
    rows = [
        {
            "id": run.pk,
            "known": run.known,
            "status": str(run.instance.status),
            "outcome": run.instance.outcome,
            "state": run.instance.state,
            "sequence": run.instance.sequence,
            "finished_at": run.instance.finished_at,
            "version_id": run.instance.version_id,
        }
        for run in runs
    ]
    written = prepared.rows(_UPDATE, [writing.in_json(rows)])
    if len(written) != len(runs):
        raise Overtaken(f"{len(runs) - len(written)} runs were moved by somebody else.")
    for run in runs:
        run.known, run.changed = run.instance.sequence, False


_STEPS = """
INSERT INTO workflows_steprun AS old
    (instance_id, version_id, step, kind, token, round, entered_at, left_at, outcome, failed, breached, worked_ms)
SELECT instance_id, version_id, step, kind, token, round, entered_at, left_at, outcome, failed, false, 0
FROM json_to_recordset({rows}) AS g (n int, instance_id uuid, version_id bigint, step text, kind text, token int,
    round int, entered_at timestamptz, left_at timestamptz, outcome text, failed boolean)
ORDER BY n
ON CONFLICT (instance_id, token) DO UPDATE SET left_at = coalesce(excluded.left_at, old.left_at),
    outcome = CASE WHEN excluded.left_at IS NULL THEN old.outcome ELSE excluded.outcome END,
    failed = old.failed OR excluded.failed
RETURNING old.id
"""


def _passages(turn: Turn) -> list[Insert]:
    """One for all of them, if there are any."""
    rows = [
        {
            "n": number,
            "instance_id": pk,
            "version_id": turn.runs[pk].instance.version_id,
            "step": passage.step.get("id", ""),
            "kind": passage.step.get("kind", ""),
            "token": token,
            "round": passage.round,
            "entered_at": passage.entered_at or turn.now,
            "left_at": passage.left_at,
            "outcome": passage.outcome,
            "failed": passage.failed,
        }
        for number, ((pk, token), passage) in enumerate(turn.passages.items())
    ]
    return [Insert(_STEPS, writing.in_json(rows))] if rows else []


def _incidents(turn: Turn) -> None:
    """What stood open is resolved before what has come since: a retry may fail again in the same turn."""
    for pk, token, how, by in turn.resolved:
        open_ones = Incident.objects.filter(instance=pk, token=token, resolved_at=None)
        open_ones.update(resolved_at=turn.now, resolved_by=by, resolution=how)
    if turn.incidents:
        writing.insert(turn.incidents)


def _meet(turn: Turn) -> None:
    """Who begins to listen, who waits no more, and what happens meet here, under the locks of all of it at once."""
    for pk, token in turn.unsubscribed:
        Subscription.objects.filter(instance=pk, token=token).delete()
    happenings.hold(listening=[(row.event, row.key) for row in turn.subscriptions], telling=turn.happenings)
    dependencies.drop(turn.untied)
    if turn.subscriptions:
        turn.orders += ending.missed(turn)
        Subscription.objects.bulk_create(turn.subscriptions)
    turn.orders += happenings.orders(turn.happenings)


def _tell(turn: Turn) -> None:
    """Events in the order in which things happened: the run's own first, then its steps, then what failed."""
    standing = [one for one in turn.incidents if one.resolved_at is None]
    said: list[tuple[UUID, Told]] = [*turn.told]
    said += [(pk, _step(turn.runs[pk], token, one)) for (pk, token), one in turn.passages.items()]
    said += [(one.instance_id, _incident(turn.runs[one.instance_id], one, turn)) for one in standing]
    if not said and not turn.notices and not turn.told_besides:
        return
    reach = telling.audiences_of_runs(turn.runs[pk].instance for pk in dict.fromkeys(pk for pk, _ in said))
    pairs: list[tuple[Told, Iterable[str]]] = [*turn.told_besides, *((told, reach[pk]) for pk, told in said)]
    events.tell_many([*pairs, *notifying.write([*turn.notices, *_alarms(turn, standing)])])


def _alarms(turn: Turn, incidents: list[Incident]) -> list[News]:
    """To everybody who runs the house."""
    people = turn.once("administrators", notifying.administrators) if incidents else []
    return [
        news
        for one in incidents
        for news in notices.of_incident(one.instance, one, to=people, step_title=_title_at(turn, one))
    ]


def _title_at(turn: Turn, incident: Incident) -> str:
    return turn.passages[(incident.instance_id, incident.token)].step.get("title") or ""


def _step(run: Run, token: int, passage: Passage) -> WorkflowStep:
    at: Any = passage.left_at or passage.entered_at
    return WorkflowStep(
        id=str(run.pk),
        step=passage.step.get("id", ""),
        state=_state_of(passage),
        document=str(run.instance.document_id) if run.instance.document_id else None,
        token=str(token),
        title=passage.step.get("title") or "",
        kind=passage.step.get("kind", ""),
        outcome=passage.outcome or None,
        at=at.isoformat() if at else None,
    )


def _state_of(passage: Passage) -> str:
    if passage.left_at is None:
        return "failed" if passage.failed else "entered"
    return "cancelled" if passage.cancelled else "left"


def _incident(run: Run, incident: Incident, turn: Turn) -> WorkflowIncident:
    return WorkflowIncident(
        id=str(run.pk),
        step=incident.step,
        code=incident.code,
        detail=incident.detail,
        document=str(run.instance.document_id) if run.instance.document_id else None,
        definition=run.body.key,
        token=str(incident.token),
        title=_title_at(turn, incident),
    )
