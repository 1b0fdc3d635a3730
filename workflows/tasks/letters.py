"""Mail about a task, with a one-time link: one letter for each person, sent by a job after commit.

The secret of a link is made when the letter is sent and stands in the letter alone; the database keeps its digest. The
link is marked as handed over, for this attempt alone, before the mail server gets the letter: an attempt that is
repeated sends to those who have none yet. What was broken off while the server was taking it is not sent again (nobody
knows whether it did); the notice at the bell is there in any case.
"""

import hashlib
import logging
import secrets
import smtplib
from collections.abc import Collection
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import rights_of
from documents.models import Access
from jobs import enqueueing
from jobs.kinds import Kind, Transient
from jobs.run import Run
from realtime.notices import preferences
from workflows.models import HumanTask, TaskLink
from workflows.tasks import standing

logger = logging.getLogger(__name__)

NAME = "workflow.mail"
HOLDS_FOR = timedelta(days=7)
ADDRESS = "/tasks/link/{}/"


def order(task: HumanTask, *, to: Collection[int]) -> None:
    """Have these people written to once this is committed. Without a mail server nothing is done."""
    if settings.EMAIL_HOST and to:
        enqueueing.enqueue(NAME, payload={"task": str(task.pk), "to": sorted(to)}, subject=("task", str(task.pk)))


def make(*, task: HumanTask, user: User) -> str:
    """A new secret for this person and task, 256 bits; an earlier one is void."""
    secret = secrets.token_urlsafe(32)
    TaskLink.objects.update_or_create(
        task=task,
        user=user,
        defaults={
            "digest": digest_of(secret),
            "document_version": task.document_version,
            "expires_at": timezone.now() + HOLDS_FOR,
            "used_at": None,
            "handed_at": None,
        },
    )
    return secret


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def perform(run: Run) -> dict[str, Any]:
    """Write to those who can still decide and have no letter yet. Raises Transient when the mail server is away."""
    tasks = HumanTask.objects.select_related("document", "instance__definition", "department")
    task = tasks.filter(pk=run.payload["task"]).first()
    if task is None or not task.is_undecided or not settings.EMAIL_HOST:
        return {"sent": 0}
    handed = set(task.links.filter(handed_at__isnull=False).values_list("user_id", flat=True))
    waiting = User.objects.filter(pk__in=set(run.payload["to"]) - handed, is_active=True).exclude(email="")
    people = [user for user in waiting.order_by("pk") if _is_asked(task, user)]
    if not people:
        return {"sent": 0}
    refused: list[str] = []
    try:
        with get_connection() as server:
            for user in people:
                run.check()
                _send(task, user, server, refused)
    except (smtplib.SMTPException, OSError) as error:
        raise Transient(f"The mail server does not answer: {error}") from error
    return {"sent": len(people) - len(refused), "refused": refused}


def _is_asked(task: HumanTask, user: User) -> bool:
    rights = rights_of(user)
    return HumanTask.objects.visible_to(rights).filter(pk=task.pk).exists() and standing.of(task, rights).decides


def _send(task: HumanTask, user: User, server: BaseEmailBackend, refused: list[str]) -> None:
    """One letter. What the server says no to is final for this person; what breaks off is not repeated."""
    secret = make(task=task, user=user)
    message = _letter(task, user, secret)
    mine = TaskLink.objects.filter(digest=digest_of(secret), handed_at=None)
    if not mine.update(handed_at=timezone.now()):
        return  # another attempt has made a newer link
    message.connection = server
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refusal:
        logger.error("The mail server refuses the letter about task %s to %s: %s", task.pk, user.pk, refusal)
        refused.append(user.get_username())
    except (smtplib.SMTPException, OSError):
        logger.error("The letter about task %s to %s was broken off, and is not sent again", task.pk, user.pk)
        raise


def _letter(task: HumanTask, user: User, secret: str) -> EmailMessage:
    """In the person's language. Of a restricted document it names no title."""
    chosen = preferences.row_of(user.pk)
    with translation.override(chosen.language), timezone.override(chosen.timezone):
        malayalam = chosen.language == "ml"
        title = (task.title_ml if malayalam else "") or task.title
        question = (task.question_ml if malayalam else "") or task.question
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        return EmailMessage(
            subject=" ".join(f"KMRL Gateway: {title}".split())[:150],
            body=_body(task, user, title, question, secret),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[user.email],
            headers={
                "Message-ID": f"<kmrl-task-{task.pk}-{user.pk}-{digest_of(secret)[:16]}@{domain}>",
                "Auto-Submitted": "auto-generated",
            },
        )


def _body(task: HumanTask, user: User, title: str, question: str, secret: str) -> str:
    lines = [_("Good day %(name)s,") % {"name": standing.name_of(user)}, ""]
    lines.append(_("“%(task)s” waits for your decision.") % {"task": title})
    if question:
        lines += ["", question]
    if task.document is not None:
        lines.append("")
        if task.document.access == Access.RESTRICTED:
            lines.append(_("The document is restricted; its title stands in the gateway alone."))
        else:
            lines.append(_("Document: %(title)s") % {"title": task.document.title})
    if task.due_at is not None:
        due = formats.date_format(timezone.localtime(task.due_at), "j F Y, H:i")
        lines.append(_("Due: %(moment)s") % {"moment": due})
    lines.append("")
    if settings.PUBLIC_URL:
        lines += [
            _("Look at it and decide:"),
            settings.PUBLIC_URL + ADDRESS.format(secret),
            "",
            _("The link is yours alone, asks you to sign in, and serves for one decision within seven days."),
        ]
    else:
        lines.append(_("It stands in your list of tasks in the gateway."))
    return "\n".join(lines).strip() + "\n"


KIND = Kind(name=NAME, perform=perform, time_limit=timedelta(minutes=5), max_attempts=8)
