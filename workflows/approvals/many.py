"""Deciding many tasks at once: each in its own transaction, each with its own answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.refusals import Refusal
from accounts.rights import Rights
from workflows.approvals.completing import complete
from workflows.models import HumanTask
from workflows.tasks import forms

MOST = 200


@dataclass(frozen=True)
class Result:
    """What became of one task: itself, or why not."""

    task_id: UUID
    task: HumanTask | None = None
    refusal: Refusal | None = None


def complete_many(
    *,
    task_ids: Sequence[UUID],
    outcome: str,
    comment: str = "",
    by: User,
    rights: Rights,
    door: str = "bulk",
    versions: Mapping[UUID, int] | None = None,
) -> list[Result]:
    """Decide all of these alike, in the order given; one that is refused does not hold up the others.

    Forms are filled in with their defaults; a task with a needed field that has none is refused, and told which.
    `versions` says which version of its document was looked at. Raises Refusal for more than 200 at once.
    """
    if len(task_ids) > MOST:
        raise Refusal(f"At most {MOST} tasks are decided at once. Choose fewer.")
    return [_one(pk, outcome, comment, by, rights, door, (versions or {}).get(pk)) for pk in dict.fromkeys(task_ids)]


def _form(pk: UUID) -> dict[str, Any]:
    """What the task's form holds before anybody writes; it was settled when the task was opened."""
    fields = HumanTask.objects.filter(pk=pk).values_list("form", flat=True).first()
    return forms.defaults(fields or [])


def _one(pk: UUID, outcome: str, comment: str, by: User, rights: Rights, door: str, version: int | None) -> Result:
    try:
        task = complete(
            task_id=pk,
            outcome=outcome,
            comment=comment,
            form=_form(pk),
            by=by,
            rights=rights,
            door=door,
            document_version=version,
        )
    except Refusal as refusal:
        return Result(pk, refusal=refusal)
    return Result(pk, task)
