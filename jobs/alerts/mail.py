"""E-mail about alerts: to KMRL_ALERT_EMAILS, once for what is raised and once for what is cleared.

What could not be sent is logged and tried again a few times; a mail server that is away holds nothing up.
"""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import Alert

logger = logging.getLogger(__name__)

TRIES = 5
NEWS_FOR = timedelta(hours=6)


def send_due() -> int:
    """One mail about all that nobody was written of yet; how many alerts it tells of. No address, no mail."""
    if not settings.ALERT_EMAILS or not settings.EMAIL_HOST:
        return 0
    raised, cleared = _take(timezone.now())
    if not raised and not cleared:
        return 0
    try:
        _message(raised, cleared).send()
    except (smtplib.SMTPException, OSError) as error:
        logger.error("The mail about %s alerts could not be sent: %s", len(raised) + len(cleared), error)
        _give_back(raised, cleared)
        return 0
    return len(raised) + len(cleared)


@transaction.atomic
def _take(now: datetime) -> tuple[list[Alert], list[Alert]]:
    """Marked before they are sent: of two processes one writes. Neither waits for the other."""
    fresh = Alert.objects.select_for_update(skip_locked=True).filter(mail_failures__lt=TRIES).order_by("raised_at")
    raised = list(fresh.filter(raise_mailed_at=None, raised_at__gt=now - NEWS_FOR))
    due = Q(clear_mailed_at=None, cleared_at__gt=now - NEWS_FOR)
    cleared = list(fresh.filter(due).filter(Q(raise_mailed_at__isnull=False) | Q(raised_at__gt=now - NEWS_FOR)))
    Alert.objects.filter(pk__in=[one.pk for one in raised]).update(raise_mailed_at=now)
    Alert.objects.filter(pk__in=[one.pk for one in cleared]).update(clear_mailed_at=now)
    return [one for one in raised if one.cleared_at is None], cleared


def _give_back(raised: list[Alert], cleared: list[Alert]) -> None:
    worse = {"mail_failures": F("mail_failures") + 1}
    Alert.objects.filter(pk__in=[one.pk for one in raised]).update(raise_mailed_at=None, **worse)
    Alert.objects.filter(pk__in=[one.pk for one in cleared]).update(clear_mailed_at=None, **worse)


def _message(raised: list[Alert], cleared: list[Alert]) -> EmailMessage:
    names = ", ".join(str(one) for one in raised or cleared)
    subject = names if raised else _("over: %(names)s") % {"names": names}
    lines = []
    if raised:
        lines += [ngettext("%(n)s alert:", "%(n)s alerts:", len(raised)) % {"n": len(raised)}, ""]
        lines += [f"- {one}: {one.text}\n  {_moment(one.raised_at)}" for one in raised]
    if cleared:
        lines += ["", _("Over:"), ""]
        lines += [f"- {one}: {_moment(one.raised_at)} – {_moment(one.cleared_at)}" for one in cleared]
    lines += ["", _("All alerts stand in the administration, under “Alerts”.")]
    return EmailMessage(
        subject=f"KMRL Gateway: {subject}"[:150],
        body="\n".join(lines).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=settings.ALERT_EMAILS,
    )


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%d/%m/%Y %H:%M") if at else ""
