"""The kind of work `workflow.came`: one run is told of what it waited for, its own rows locked in the house's order."""

from collections.abc import Sequence
from typing import Any

from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run as Attempt
from workflows import awaiting, deeds, happenings, locks, running
from workflows.engine.talk import Came
from workflows.models import Dependency, Subscription
from workflows.turn import Run, Turn


def perform(attempt: Attempt) -> None:
    """Nothing slow: all is done where it is settled."""


def lock(jobs: Sequence[Job]) -> None:
    locks.take(job.payload["instance"] for job in jobs)


def settle(done: Sequence[Done]) -> None:
    """Runs whose last awaited thing has happened hear what was kept; then tokens that still listen hear the event."""
    turn = Turn()
    turn.take(locks.rows({one.job.payload["instance"] for one in done}))
    runs = {str(pk): run for pk, run in turn.runs.items()}
    listening = set(Subscription.objects.filter(instance__in=list(runs)).values_list("instance_id", "token"))
    for payload in sorted((one.job.payload for one in done), key=lambda payload: payload["token"] is not None):
        run = runs.get(payload["instance"])
        if run is None:
            continue
        if payload["token"] is None:
            _note(turn, run, payload)
            running.tell_kept(turn, run.instance)
        elif (run.pk, payload["token"]) in listening:
            turn.say(run.pk, Came(payload["token"], event=payload["event"], data=payload["data"]), by=None)
    running.finish(turn)


def _note(turn: Turn, run: Run, payload: dict[str, Any]) -> None:
    """That something awaited has happened; unless somebody took it away meanwhile."""
    awaited = Dependency.objects.filter(instance=run.pk, event=payload["event"], key=payload.get("key", ""))
    met = awaited.exclude(met_at=None).first()
    if met is not None and run.instance.is_alive:
        awaiting.tell(turn, run, deeds.MET, met)


def is_short(job: Job) -> bool:
    return True


KIND = Kind(
    name=happenings.KIND,
    perform=perform,
    lock=lock,
    settle=settle,
    short=is_short,
    batch=16,
    max_attempts=10,
)
