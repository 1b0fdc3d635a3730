"""Reading one's notifications: only one's own, and in words that tell nothing of what one may no longer see."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.rights import Rights
from realtime import audiences, events
from realtime import log as event_log
from realtime.catalogue import Notification
from realtime.models import Event, Notice
from realtime.notices import kinds
from realtime.notices.kinds import Gathered

COUNTED_TO = 1_000

Address = Callable[[str], str]
_addresses: dict[str, Address] = {}


def provide(prefix: str, address: Address) -> None:
    """Inject where the page of a subject `<prefix>:<id>` is, given the id."""
    _addresses[prefix] = address


@dataclass(frozen=True)
class Part:
    """One subject that a notification tells of; `detail` is a sentence more."""

    subject: str
    title: str
    detail: str
    address: str


@dataclass(frozen=True)
class Shown:
    """A notification as its reader may see it today. `parts` are the last few subjects that are not hidden."""

    id: int
    kind: str
    importance: str
    icon: str
    count: int
    text: str
    detail: str
    address: str
    parts: Sequence[Part]
    hidden: bool
    at: datetime
    read: bool


def of(user_id: int, *, unread: bool = False, kind: str = "") -> "QuerySet[Notice]":
    """What is shown to a person at the bell; order it by `-serial`."""
    found = Notice.objects.filter(user_id=user_id, in_app=True)
    if unread:
        found = found.filter(read_at=None)
    return found.filter(kind=kind) if kind else found


def unread(user_id: int) -> int:
    """How many are not read, counted to 1,000."""
    return of(user_id, unread=True)[:COUNTED_TO].count()


def shown(notices: Collection[Notice], rights: Rights) -> list[Shown]:
    """In the language that is active, for these rights; one question by kind of subject for all of them."""
    subjects = {item["subject"] for notice in notices for item in notice.items}
    seen = audiences.audible(rights, subjects) if subjects else frozenset()
    return [_shown(notice, seen) for notice in notices]


@transaction.atomic
def mark_read(user_id: int, *, ids: Collection[int] | None = None, upto: int | None = None) -> int:
    """Mark a person's notifications read: these, or what was told up to a position of the event log, or all; how many.

    A notification that was added to after that position stays unread.
    """
    found = Notice.objects.filter(user_id=user_id, read_at=None)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    chosen = set(found.order_by("pk").select_for_update().values_list("pk", flat=True))
    if upto is not None and chosen:  # a statement after the lock: nothing is added to them unseen
        chosen -= _told_after(upto, user_id)
    count = Notice.objects.filter(pk__in=chosen).update(read_at=timezone.now(), mail_at=None)
    if count:
        told = Notification(id=None, kind="", importance="", count=count, quiet=True, read=True)
        events.tell(told, to=[audiences.user(user_id)])
    return count


def position() -> int:
    """Where the event log stands. Ask before the list is read: all up to there is in it."""
    return event_log.position()


def _told_after(position: int, user_id: int) -> set[int]:
    later = Q(position__gt=position) | Q(position__isnull=True)
    mine = Event.objects.filter(later, type=Notification.type, audience__contains=[audiences.user(user_id)])
    return set(mine.values_list("data__id", flat=True))


def _shown(notice: Notice, seen: Collection[str]) -> Shown:
    items: list[dict[str, Any]] = [item for item in notice.items if item["subject"] in seen]
    kind = kinds.get(notice.kind)
    parts = [Part(item["subject"], item["title"], item["detail"], address_of(item["subject"])) for item in items]
    single = notice.count == 1
    text = kind.say(Gathered(notice.count, items)) if kind else _unknown(notice.count)
    return Shown(
        id=notice.pk,
        kind=notice.kind,
        importance=notice.importance,
        icon=kind.icon if kind else "bell",
        count=notice.count,
        text=text,
        detail=parts[0].detail if single and parts else "",
        address=(parts[0].address if single and parts else "") or ("" if single or kind is None else kind.all_at),
        parts=parts if not single else parts[:1],
        hidden=single and not parts,
        at=notice.at,
        read=notice.read_at is not None,
    )


def address_of(subject: str) -> str:
    """The page of a subject, or nothing where there is none."""
    prefix, _colon, pk = subject.partition(":")
    return _addresses[prefix](pk) if prefix in _addresses else ""


def _unknown(count: int) -> str:
    """Of a kind that nobody makes any more."""
    return ngettext("%(n)s notification", "%(n)s notifications", count) % {"n": count}
