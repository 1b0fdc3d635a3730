"""Saying something about a task without deciding it."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.rights import Action, Rights
from workflows import clock
from workflows.approvals.claiming import may_reassign
from workflows.approvals.holding import held
from workflows.models import TaskComment
from workflows.tasks import standing, telling
from workflows.tasks.refusals import BadDecision, NotYours

LONGEST = 10_000


@transaction.atomic
def comment(*, task_id: UUID, text: str, by: User, rights: Rights, door: str = "page") -> TaskComment:
    """Everybody in the departments that see it may say something, also after it is decided; auditors only read.

    Raises NotFound, NotYours, BadDecision for no text, or too long a one.
    """
    task = held(task_id, rights=rights)
    in_house = bool(rights.departments) or may_reassign(task, rights) or standing.of(task, rights).decides
    if rights.auditor or not rights.scope_allows(Action.CONTROL) or not in_house:
        raise NotYours("You may read this task, but not comment on it.")
    said = text.strip()
    if not said:
        raise BadDecision("Write something first.", errors={"text": ["Write something first."]})
    if len(said) > LONGEST:
        raise BadDecision(f"A comment has {LONGEST} characters at most.", errors={"text": ["This is too long."]})
    written = TaskComment.objects.create(task=task, by=by, text=said, at=clock.now())
    telling.record(task, telling.COMMENTED, by=by, note=said, door=door)
    return written
