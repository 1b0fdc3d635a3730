"""What a person wants to be told, and how. Who has chosen nothing gets what each kind says is usual."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refusal
from accounts.rights import Rights
from realtime.models import Mail, Notice, NoticePreferences
from realtime.notices import kinds
from realtime.notices.kinds import Kind

USUAL_ZONE = "Asia/Kolkata"


@dataclass(frozen=True)
class Choice:
    """One kind as this person has it."""

    kind: Kind
    in_app: bool
    mail: str


@dataclass(frozen=True)
class Quiet:
    """From when to when, each day, in local time; over midnight too."""

    begin: time
    end: time

    def holds(self, local: datetime) -> bool:
        at = local.time()
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


@dataclass(frozen=True)
class Preferences:
    choices: list[Choice]
    quiet: Quiet | None
    timezone: str
    language: str


def of(user_id: int, rights: Rights) -> Preferences:
    """Everything that this person can choose, as it is now."""
    row = row_of(user_id)
    choices = [
        Choice(
            kind,
            in_app=bool(row.kinds.get(kind.name, {}).get("in_app", kind.in_app)),
            mail=str(row.kinds.get(kind.name, {}).get("mail", kind.mail)),
        )
        for kind in kinds.concerning(rights)
    ]
    return Preferences(choices, quiet_of(row), row.timezone, row.language)


def row_of(user_id: int) -> NoticePreferences:
    """What is kept; the usual for who has chosen nothing."""
    return NoticePreferences.objects.filter(user_id=user_id).first() or NoticePreferences(user_id=user_id)


def quiet_of(row: NoticePreferences) -> Quiet | None:
    if row.quiet_from is None or row.quiet_to is None:
        return None
    return Quiet(row.quiet_from, row.quiet_to)


def is_quiet(row: NoticePreferences, now: datetime) -> bool:
    """Whether it is a time at which this person wants no mail."""
    quiet = quiet_of(row)
    return quiet is not None and quiet.holds(now.astimezone(ZoneInfo(row.timezone)))


@transaction.atomic
def save(
    user_id: int,
    rights: Rights,
    *,
    choices: Mapping[str, tuple[bool, str]],
    quiet: Quiet | None,
    zone: str = USUAL_ZONE,
    language: str = "en",
) -> Preferences:
    """Keep what was chosen: `{kind: (in_app, mail)}`; kinds that are not named are as usual again.

    Mail that waits and is no longer wanted is not sent. Raises Refusal for a kind, mail, time zone or language that
    there is not.
    """
    concerned = {kind.name: kind for kind in kinds.concerning(rights)}
    _check(choices, concerned, zone, language)
    row, _made = NoticePreferences.objects.select_for_update().get_or_create(user_id=user_id)
    others = {name: said for name, said in row.kinds.items() if name not in concerned}
    row.kinds = others | {name: {"in_app": in_app, "mail": mail} for name, (in_app, mail) in choices.items()}
    row.quiet_from, row.quiet_to = (quiet.begin, quiet.end) if quiet is not None else (None, None)
    row.timezone, row.language = zone, language
    row.save()
    unwanted = [name for name, (_in_app, mail) in choices.items() if mail == Mail.NEVER]
    Notice.objects.filter(user_id=user_id, kind__in=unwanted, mail_at__isnull=False).update(mail_at=None)
    return of(user_id, rights)


def _check(choices: Mapping[str, tuple[bool, str]], known: Collection[str], zone: str, language: str) -> None:
    wrong: dict[str, list[str]] = {}
    if strange := sorted(set(choices) - set(known)):
        wrong["kinds"] = [_("There is no such kind: %(names)s.") % {"names": ", ".join(strange)}]
    elif any(mail not in Mail.values for _in_app, mail in choices.values()):
        wrong["kinds"] = [_("Mail is one of: %(names)s.") % {"names": ", ".join(Mail.values)}]
    if zone not in zones():
        wrong["timezone"] = [_("There is no such time zone. Write it like Asia/Kolkata.")]
    if language not in dict(settings.LANGUAGES):
        wrong["language"] = [_("Languages are: %(names)s.") % {"names": ", ".join(dict(settings.LANGUAGES))}]
    if wrong:
        raise Refusal(next(iter(wrong.values()))[0], errors=wrong)


@cache
def zones() -> frozenset[str]:
    """The time zones that both Python and PostgreSQL know: when mail is due is worked out there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(available_timezones() & {name for (name,) in cursor.fetchall()})
