"""Tickets: how a browser of another origin, or one that cannot send headers, gets through the socket's door once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from realtime.models import Ticket

SECONDS = 30


@dataclass(frozen=True)
class Pass:
    """Whose rights a ticket gives, and what the stay hangs on (see `realtime.door.Guest`)."""

    credential: str
    session: str = ""
    until: float | None = None
    stamp: str = ""


def issue(*, credential: str, session: str = "", until: float | None = None, stamp: str = "") -> str:
    """A ticket for the rights of `credential` (`user:<id>` or `key:<id>`): good once, for 30 s."""
    text = secrets.token_urlsafe(32)
    Ticket.objects.create(
        digest=_digest(text),
        credential=credential,
        session=session,
        until=until,
        stamp=stamp,
        expires_at=timezone.now() + timedelta(seconds=SECONDS),
    )
    return text


def redeem(text: str) -> Pass | None:
    """What a ticket gives, which is used up by this; None when unknown, used or too old.

    One DELETE decides: of two who come at once one gets in.
    """
    used = Ticket.objects.filter(digest=_digest(text))
    found = used.first()
    if found is None or used.delete()[0] == 0 or found.expires_at <= timezone.now():
        return None
    return Pass(found.credential, found.session, found.until, found.stamp)


def forget_expired() -> int:
    return Ticket.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
