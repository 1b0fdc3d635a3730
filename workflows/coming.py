"""The kind of work `workflow.came`: one run is told of what it waited for, its own rows locked in the house's order."""

from collections.abc import Sequence

from jobs.kinds import Done, Kind
from jobs.models import Job
from jobs.run import Run as Attempt
from workflows import happenings, locks, running
from workflows.engine.talk import Came
from workflows.models import Subscription
from workflows.turn import Turn


def perform(attempt: Attempt) -> None:
    """Nothing slow: all is done where it is settled."""


def lock(jobs: Sequence[Job]) -> None:
    locks.take(job.payload["instance"] for job in jobs)


def settle(done: Sequence[Done]) -> None:
    """Tokens that still listen hear the event; runs whose last awaited thing has happened begin."""
    turn = Turn()
    turn.take(locks.rows({one.job.payload["instance"] for one in done}))
    runs = {str(pk): run for pk, run in turn.runs.items()}
    listening = set(Subscription.objects.filter(instance__in=list(runs)).values_list("instance_id", "token"))
    for payload in (one.job.payload for one in done):
        run = runs.get(payload["instance"])
        if run is None:
            continue
        if payload["token"] is None:
            running.tell_kept(turn, run.instance)
        elif (run.pk, payload["token"]) in listening:
            turn.say(run.pk, Came(payload["token"], event=payload["event"], data=payload["data"]), by=None)
    running.finish(turn)


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
