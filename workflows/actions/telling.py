"""Actions that tell people something: a notification at the bell, or a mail."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from documents.models import Document
from jobs import enqueueing
from jobs.enqueueing import Order
from jobs.models import Priority
from realtime import audiences
from realtime.models import Mail
from realtime.notices import telling
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News
from workflows.actions.registry import Action, Given, NotPossible, Param
from workflows.models import Instance
from workflows.tasks import people

MOST_PEOPLE, MOST_MAILS = 500, 50
LONGEST_NOTE, LONGEST_SUBJECT, LONGEST_MAIL = 500, 150, 10_000
MAIL = "workflow.message"
"""The kind of work that hands one mail to the mail server: `workflows.mailing`."""


def _note(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s messages from workflows", "%(n)s messages from workflows", told.count) % {
            "n": told.count
        }
    if told.first is None:
        return _("A message from a workflow about a document that you may no longer see")
    return str(told.first["text"])


NOTE = Kind(
    name="workflow.note",
    label=gettext_lazy("A workflow has a message for me"),
    say=_note,
    mail=Mail.NEVER,
    all_at="/tasks/",
    icon="workflow",
)


# --- notify


def whom(given: Given) -> dict[str, Any]:
    """Who will be told: those whom `people` names and who see the document. Raises NotPossible when there is nobody."""
    text = " ".join(str(given.params["text"]).split())[:LONGEST_NOTE]
    found = _seeing(given)
    if not found:
        raise NotPossible("Nobody of those to be notified is there, is active and may see the document.")
    return {"people": [user.get_username() for user in found], "text": text, "count": len(found)}


def notify(instance: Instance, params: dict[str, Any], result: Any) -> None:
    """One notification for each, in the run's transaction."""
    document = instance.document
    subject = audiences.document(document.pk) if document else audiences.workflow(instance.pk)
    title = document.title if document else instance.definition.title
    importance = Importance(params["importance"])
    ids = User.objects.filter(username__in=result["people"], is_active=True).order_by("pk").values_list("pk", flat=True)
    telling.notify_many(
        News(
            kind=NOTE,
            to=pk,
            subject=subject,
            title=title,
            more={"text": result["text"]},
            group=f"{subject} {result['text'][:40]}",
            importance=importance,
        )
        for pk in ids
    )


def _seeing(given: Given) -> list[User]:
    named = people.read(given.params["people"], instance=given.instance)
    found = people.everybody(named)[: MOST_PEOPLE + 1]
    if len(found) > MOST_PEOPLE:
        raise NotPossible(f"These are more than {MOST_PEOPLE} people; name fewer.")
    if given.document is None:
        return found
    rights = people.rights_of_many([user.pk for user in found])
    this = Document.objects.filter(pk=given.document.pk)
    return [user for user in found if this.visible_to(rights[user.pk]).exists()]


# --- mail


def addresses(given: Given) -> dict[str, Any]:
    """To whom it goes: addresses as they stand, and people who see the document and have one. Raises NotPossible."""
    if not settings.EMAIL_HOST:
        raise NotPossible("The gateway has no mail server; an administrator sets EMAIL_URL.")
    found = dict.fromkeys(_checked(str(address)) for address in given.params["addresses"])
    if given.params["people"]:
        found |= dict.fromkeys(user.email for user in _seeing(given) if user.email)
    if not found:
        raise NotPossible("There is nobody to write to: no address is named, and nobody of these people has one.")
    if len(found) > MOST_MAILS:
        raise NotPossible(f"These are {len(found)} addresses; one step writes to {MOST_MAILS} at most.")
    return {"to": list(found), "count": len(found)}


def mail(instance: Instance, params: dict[str, Any], result: Any) -> None:
    """A job for each address, so that one that is refused holds up no other."""
    subject = " ".join(str(params["subject"]).split())[:LONGEST_SUBJECT]
    body = str(params["text"])[:LONGEST_MAIL]
    enqueueing.enqueue_many(
        Order(
            kind=MAIL,
            payload={"to": address, "subject": subject, "body": body, "instance": str(instance.pk)},
            owner=instance.started_by,
            priority=Priority(instance.priority),
            subject=("workflow-mail", str(instance.pk)),
        )
        for address in result["to"]
    )


def _checked(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise NotPossible(f"“{address[:100]}” is no mail address.") from wrong
    return address


ACTIONS = (
    Action(
        name="notify",
        title="Notify people",
        about="A notification at the bell of everybody named who may see the document.",
        perform=whom,
        apply=notify,
        params=(
            Param(name="people", title="who is told", type="people", required=True),
            Param(name="text", title="what is said, in one sentence", type="text", required=True),
            Param(
                name="importance",
                title="how important it is",
                choices=tuple(str(one) for one in Importance),
                default=str(Importance.NORMAL),
            ),
        ),
        result={"people": "who was told, by user name", "count": "how many", "text": "what was said"},
    ),
    Action(
        name="mail",
        title="Send a mail",
        about="Plain text to addresses, or to people who may see the document.",
        perform=addresses,
        apply=mail,
        params=(
            Param(name="subject", title="subject", required=True),
            Param(name="text", title="text", type="text", required=True),
            Param(name="addresses", title="mail addresses", type="list", default=[]),
            Param(name="people", title="people", type="people", default=[]),
        ),
        result={"to": "the addresses", "count": "how many"},
    ),
)
