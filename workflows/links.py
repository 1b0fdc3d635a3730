"""One-time links in mail: they show on GET and decide on POST, signed in, once.

A link is bound to a person, a task and a version of its document. Opening it changes nothing (scanners of mail open
everything); deciding burns it in the decision's transaction. What is used, too old or overtaken says so, each in its
own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.refusals import Conflict, NotAllowed, NotFound, Refusal
from accounts.rights import Rights
from workflows import approvals
from workflows.approvals.holding import refuse_decided
from workflows.models import HumanTask, TaskLink
from workflows.tasks import letters, opening
from workflows.tasks.letters import make
from workflows.tasks.refusals import Superseded

__all__ = ["LinkExpired", "LinkOfAnother", "LinkUsed", "Opened", "decide", "make", "open_"]


class LinkUsed(Conflict):
    code, title = "link_used", "This link has been used"


class LinkExpired(Refusal):
    status, code, title = 410, "link_expired", "This link is too old"


class LinkOfAnother(NotAllowed):
    code, title = "link_of_another", "This link was made for somebody else"


@dataclass(frozen=True)
class Opened:
    """What a link leads to, for the page that shows it."""

    link: TaskLink
    task: HumanTask


def open_(secret: str, *, by: User, rights: Rights) -> Opened:
    """Look where the link leads; nothing is changed.

    Raises NotFound, LinkOfAnother, LinkUsed, LinkExpired, Superseded, AlreadyDecided, NotNeeded.
    """
    link = _link(secret, by)
    shown = HumanTask.objects.visible_to(rights).filter(pk=link.task_id)
    task = shown.select_related("document__newest", "instance__definition", "completed_by", "assignee").first()
    if task is None:
        raise NotFound
    _refuse_spent(link, task)
    return Opened(link, task)


@transaction.atomic
def decide(
    secret: str,
    *,
    outcome: str,
    comment: str = "",
    form: Mapping[str, Any] | None = None,
    by: User,
    rights: Rights,
) -> HumanTask:
    """Decide the task by the link, and burn it. Raises what `open_` and `approvals.complete` raise."""
    opened = open_(secret, by=by, rights=rights)
    task = approvals.complete(
        task_id=opened.task.pk,
        outcome=outcome,
        comment=comment,
        form=form,
        by=by,
        rights=rights,
        door="mail",
        document_version=opened.link.document_version,
    )
    if not TaskLink.objects.filter(pk=opened.link.pk, used_at=None).update(used_at=timezone.now()):
        raise LinkUsed(USED)
    return task


USED = "You have decided by this link already. It serves once."


def _link(secret: str, by: User) -> TaskLink:
    link = TaskLink.objects.filter(digest=letters.digest_of(secret)).first()
    if link is None:
        raise NotFound("There is no such link, or a newer mail has replaced it. Look into your list of tasks.")
    if link.user_id != by.pk:
        raise LinkOfAnother("This link was made for somebody else. Sign in as the person who got the mail.")
    return link


def _refuse_spent(link: TaskLink, task: HumanTask) -> None:
    if link.used_at is not None:
        raise LinkUsed(USED)
    refuse_decided(task)
    newest = task.document.newest.number if task.document and task.document.newest else None
    if opening.is_superseded(task) or (newest is not None and newest != link.document_version):
        raise Superseded(f"Version {newest} of the document has come since the mail. Open the task in the gateway.")
    if link.expires_at <= timezone.now():
        raise LinkExpired("This link was good for seven days. The task stands in your list in the gateway.")
