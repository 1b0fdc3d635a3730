"""What the ladder of escalation does to a task: others are asked beside or instead of whoever let it lie."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import User
from workflows.models import Candidate, HumanTask, TaskState
from workflows.tasks import asking, people, showing, telling

ESCALATED = "escalated"


def widen(
    *, task: HumanTask, entries: Iterable[Mapping[str, Any]], by: User | None = None, note: str = ""
) -> list[int]:
    """Ask these people too (entries as of `candidates`); what somebody had taken is free for them. Who is asked now.

    The caller holds the run and the task, which is undecided. Who is excluded stays so.
    """
    named = people.read(entries, instance=task.instance)
    showing.show(task, named, by=by)
    excluded = set(task.exclusions.values_list("user_id", flat=True))
    rows = [
        *(Candidate(task=task, user=user, origin=ESCALATED) for pk, user in named.users.items() if pk not in excluded),
        *(Candidate(task=task, department=place, roles=roles, origin=ESCALATED) for place, roles in named.roles),
    ]
    Candidate.objects.bulk_create(rows)
    if task.state == TaskState.CLAIMED:
        task.release()
        task.assignee = task.claimed_at = None
        task.save(update_fields=["state", "assignee", "claimed_at"])
    able = people.able(rows, excluded=excluded, document=task.document)
    telling.record(task, telling.WIDENED, by=by, note=note, to=[_name(row) for row in rows])
    if able.deciders:
        asking.look_again(task)
    else:
        asking.warn(task, able=able, unknown=named.unknown, now=asking.deciders(task))
    asking.tell(task, to=set(able.deciders), reason=ESCALATED, candidates=len(asking.deciders(task).deciders))
    return sorted(able.deciders)


def _name(row: Candidate) -> str:
    """Whom a candidate row means, for history."""
    if row.user is not None:
        return row.user.get_username()
    return f"{' or '.join(row.roles)} of {row.department.key if row.department else ''}"
