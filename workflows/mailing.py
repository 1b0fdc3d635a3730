"""Mail of workflows: the kind of work `workflow.message` hands one mail to the mail server."""

import smtplib
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from jobs.kinds import Kind, Transient
from jobs.run import Run

PERMANENT = 500  # the SMTP codes from here on say: never


def perform(run: Run) -> None:
    """Send it. Killed in the middle it is sent again under the same Message-ID, by which mail servers know it.

    Raises Transient while the server is away or asks to come again; what it says no to for good fails the job.
    """
    try:
        _message(run).send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        if all(code < PERMANENT for code in codes):
            raise Transient(str(refused)) from refused
        raise
    except smtplib.SMTPResponseException as refused:
        if refused.smtp_code < PERMANENT:
            raise Transient(str(refused)) from refused
        raise
    except (smtplib.SMTPException, OSError) as away:
        raise Transient(f"The mail server does not answer: {away}") from away


def _message(run: Run) -> EmailMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=run.payload["subject"],
        body=run.payload["body"].rstrip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[run.payload["to"]],
        headers={"Message-ID": f"<kmrl-workflow-{run.job.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )


KIND = Kind(name="workflow.message", perform=perform, time_limit=timedelta(minutes=1), max_attempts=6)
