"""Control over work: what people do to jobs, queues and workers. The administrators' doors (API, administration,
command line) call these; whoever else has to do with a job comes by its subject (`documents.control`).

Rights are asked here, by `Rights.may(Action.RUN_HOUSE)`: each function raises NotAllowed before it looks at anything.
`rights` are those of the credential that asks (an API key narrows them); without, those that `by` has as a person.
The deeds themselves, and what else they raise, are in `jobs.unasked`.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from accounts.models import User
from accounts.refusals import NotAllowed
from accounts.rights import Action, Rights, rights_of
from jobs import chores, unasked
from jobs.chores import Chore
from jobs.models import Job, JobState, Priority, Queue, Worker

ENDED = unasked.ENDED


def cancel(*, job_id: UUID, by: User, rights: Rights | None = None) -> Job:
    """Stop it: a waiting one at once, a running one within 2 s, with its unfinished children.

    Raises NotAllowed; NotFound; IllegalMove when it has ended.
    """
    ask(by, rights)
    return unasked.cancel(job_id=job_id, by=by)


def retry(*, job_id: UUID, by: User, rights: Rights | None = None) -> Job:
    """Have an ended or failed job done (again), with a fresh count of attempts.

    Raises NotAllowed; NotFound; IllegalMove while it waits or runs.
    """
    ask(by, rights)
    return unasked.retry(job_id=job_id, by=by)


def retry_dead(*, by: User, rights: Rights | None = None, error_code: str = "", kind: str = "") -> int:
    """Retry every dead job, or those of one cause or kind; how many. Raises NotAllowed."""
    ask(by, rights)
    return unasked.retry_dead(by=by, error_code=error_code, kind=kind)


def begin_retry_dead(*, by: User, rights: Rights | None = None, error_code: str = "", kind: str = "") -> Chore:
    """As `retry_dead`; of more than 200 a worker makes its own job, so that nobody waits for it. Raises NotAllowed."""
    ask(by, rights)
    return chores.retry_dead(by=by, error_code=error_code, kind=kind)


def set_priority(*, job_id: UUID, priority: Priority, by: User, rights: Rights | None = None) -> Job:
    """Move it to another priority, as its owner's last there.

    Raises NotAllowed; NotFound; IllegalMove when it has ended.
    """
    ask(by, rights)
    return unasked.set_priority(job_id=job_id, priority=priority, by=by)


def pause(*, queue: str, by: User, rights: Rights | None = None) -> Queue:
    """Nothing more of this queue is claimed; what runs ends. Raises NotAllowed, NotFound."""
    ask(by, rights)
    return unasked.pause(queue=queue, by=by)


def resume(*, queue: str, by: User, rights: Rights | None = None) -> Queue:
    """It is claimed again. Raises NotAllowed, NotFound."""
    ask(by, rights)
    return unasked.resume(queue=queue, by=by)


def drain(*, worker_id: str, by: User, rights: Rights | None = None) -> Worker:
    """It ends what it runs and claims nothing more, within 2 s, until it is started again.

    Raises NotAllowed, NotFound.
    """
    ask(by, rights)
    return unasked.drain(worker_id=worker_id, by=by)


def clean_finished(
    *,
    by: User,
    rights: Rights | None = None,
    states: Sequence[str] = (JobState.SUCCEEDED, JobState.CANCELLED),
    older_than: timedelta,
) -> int:
    """Remove ended jobs of these states that ended longer ago than that; how many.

    Raises NotAllowed; IllegalMove for a state that is no end.
    """
    ask(by, rights)
    return unasked.clean_finished(by=by, states=states, older_than=older_than)


def begin_clean_finished(
    *,
    by: User,
    rights: Rights | None = None,
    states: Sequence[str] = (JobState.SUCCEEDED, JobState.CANCELLED),
    older_than: timedelta,
) -> Chore:
    """As `clean_finished`; more than 5,000 are removed by a worker. Raises NotAllowed, IllegalMove."""
    ask(by, rights)
    return chores.clean_finished(by=by, states=states, older_than=older_than)


def ask(by: User, rights: Rights | None = None) -> None:
    """Raises NotAllowed unless `by`, with these rights, runs the house. Rights of somebody else count for nothing."""
    held = rights_of(by) if rights is None else rights
    if held.user_id != by.pk or not held.may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators run the queue.")
