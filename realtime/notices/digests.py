"""E-mail about notifications: gathered by person when it is due, each digest handed to the mail server once.

Whoever comes (several processes may) makes what is due into a `Digest`, in a transaction of its own; then it opens a
connection to the mail server, and only then marks the digest as handed over, for itself alone. Killed before that, the
next one sends it. Killed, or cut off, while the server was taking it, nobody knows whether it did: it is not sent
again. What it told of stands at the bell in any case.
"""

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.rights import rights_of
from realtime.models import Digest, Notice, NoticePreferences
from realtime.notices import preferences, reading
from realtime.notices.reading import Shown

logger = logging.getLogger(__name__)

AT_ONCE = 50  # people, and digests, at one going
LINES = 40  # notifications that a mail tells of
TRIES = 5
AGAIN_AFTER = timedelta(minutes=5)
HANDED_FOR = timedelta(minutes=10)  # nobody hands a mail over for so long
NEWS_FOR = timedelta(days=3)  # what could not be mailed for so long is no news


def send_due() -> int:
    """Make and send what is due; how many mails were taken. Without a mail server nothing is done."""
    if not settings.EMAIL_HOST:
        return 0
    now = timezone.now()
    gather(now)
    _give_up_broken(now)
    return _send_made(now)


def gather(now: datetime) -> list[Digest]:
    """One digest for everybody who has mail due and no quiet hours; what was read meanwhile needs no mail."""
    Notice.objects.filter(mail_at__lt=now - NEWS_FOR).update(mail_at=None)
    due = Notice.objects.filter(mail_at__lte=now).order_by("user_id").values_list("user_id", flat=True).distinct()
    waiting = list(due)
    quiet = {
        row.user_id
        for row in NoticePreferences.objects.filter(user_id__in=waiting).exclude(quiet_from=None)
        if preferences.is_quiet(row, now)
    }
    made = [_made(user_id, now) for user_id in [one for one in waiting if one not in quiet][:AT_ONCE]]
    return [one for one in made if one is not None]


@transaction.atomic
def _made(user_id: int, now: datetime) -> Digest | None:
    """Of what nobody else is making into one just now."""
    due = Notice.objects.select_for_update(skip_locked=True).filter(user_id=user_id, mail_at__lte=now, read_at=None)
    if not (chosen := list(due.values_list("pk", flat=True))):
        return None
    digest = Digest.objects.create(user_id=user_id, made_at=now, next_at=now)
    Notice.objects.filter(pk__in=chosen).update(digest=digest, mail_at=None)
    return digest


def _send_made(now: datetime) -> int:
    waiting = Digest.objects.filter(state=Digest.State.MADE, next_at__lte=now).order_by("next_at")
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    try:
        with get_connection() as server:
            return sum(_send(pk, server) for pk in ids)
    except (smtplib.SMTPException, OSError) as error:
        logger.error("The mail server does not answer; %s digests wait: %s", len(ids), error)
        return 0


def _send(pk: int, server: BaseEmailBackend) -> bool:
    """Whether the server took it. What it says no to is tried again some times."""
    digest = _held(pk)
    if digest is None:
        return False
    message = _message(digest)
    if message is None:
        _end(digest, Digest.State.GIVEN_UP)
        return False
    if not _handed(digest):
        return False
    message.connection = server
    try:
        message.send()
    except smtplib.SMTPResponseException as refusal:
        _refused(digest, refusal)
        return False
    except smtplib.SMTPRecipientsRefused as refusal:
        _refused(digest, refusal)
        return False
    except (smtplib.SMTPException, OSError) as error:
        logger.error("Digest %s was broken off while it was handed over, and is not sent again: %s", pk, error)
        _end(digest, Digest.State.UNKNOWN)
        raise
    _end(digest, Digest.State.SENT)
    return True


def _held(pk: int) -> Digest | None:
    return Digest.objects.select_related("user").filter(pk=pk, state=Digest.State.MADE).first()


def _handed(digest: Digest) -> bool:
    """From here on it is this process's alone: of several that come to this line one goes on."""
    mine = Digest.objects.filter(pk=digest.pk, state=Digest.State.MADE)
    return bool(mine.update(state=Digest.State.HANDED, handed_at=timezone.now(), tries=digest.tries + 1))


def _refused(digest: Digest, refusal: Exception) -> None:
    again = digest.tries + 1 < TRIES
    logger.error("The mail server refuses digest %s%s: %s", digest.pk, "" if again else " for good", refusal)
    Digest.objects.filter(pk=digest.pk).update(
        state=Digest.State.MADE if again else Digest.State.GIVEN_UP,
        next_at=timezone.now() + AGAIN_AFTER * 2**digest.tries,
    )


def _end(digest: Digest, state: Digest.State) -> None:
    Digest.objects.filter(pk=digest.pk).update(state=state)


def _give_up_broken(now: datetime) -> None:
    """Those whose process died while it handed them over."""
    broken = Digest.objects.filter(state=Digest.State.HANDED, handed_at__lt=now - HANDED_FOR)
    for pk in broken.values_list("pk", flat=True):
        logger.error("Nobody knows whether the mail server took digest %s; it is not sent again", pk)
    broken.update(state=Digest.State.UNKNOWN)


def _message(digest: Digest) -> EmailMessage | None:
    """In the person's language, of what may be seen today; None when there is nobody or nothing to write to."""
    user: User = digest.user
    if not user.is_active or not user.email:
        return None
    chosen = preferences.row_of(user.pk)
    with translation.override(chosen.language), timezone.override(chosen.timezone):
        notices = list(digest.notices.filter(read_at=None).order_by("-serial"))
        if not notices:
            return None
        shown = reading.shown(notices[:LINES], rights_of(user))
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        return EmailMessage(
            subject=_subject(shown, len(notices)),
            body=_body(shown, len(notices), user),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[user.email],
            headers={
                "Message-ID": f"<kmrl-digest-{digest.pk}-{digest.made_at:%Y%m%d%H%M%S}@{domain}>",
                "Auto-Submitted": "auto-generated",
            },
        )


def _subject(shown: Sequence[Shown], count: int) -> str:
    said = shown[0].text if count == 1 else ngettext("%(n)s notification", "%(n)s notifications", count) % {"n": count}
    return " ".join(f"KMRL Gateway: {said}".split())[:150]


def _body(shown: Sequence[Shown], count: int, user: User) -> str:
    lines = [_("Good day %(name)s,") % {"name": user.get_full_name() or user.get_username()}, ""]
    for one in shown:
        lines.append(f"• {one.text}")
        lines += [f"  – {part.title}" for part in one.parts if one.count > 1]
        lines += [f"  {said}" for said in (one.detail, _absolute(one.address), _moment(one.at)) if said]
        lines.append("")
    if count > len(shown):
        more = count - len(shown)
        lines += [ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}, ""]
    lines.append(_("All of them stand at the bell of the gateway. There you also choose what is mailed, and when."))
    lines.append(_absolute("/notifications/preferences/"))
    return "\n".join(lines).strip() + "\n"


def _absolute(address: str) -> str:
    """With the address under which people reach the gateway, when KMRL_PUBLIC_URL says it."""
    return f"{settings.PUBLIC_URL}{address}" if address and settings.PUBLIC_URL else ""


def _moment(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "j F Y, H:i")
