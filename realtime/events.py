"""Telling: `tell` writes an event in the caller's transaction; it gets its position after commit."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts import writing
from realtime import bell
from realtime.catalogue import Told
from realtime.models import Event


def tell(told: Told, *, to: Iterable[str]) -> None:
    """Tell one event to the audience keys `to` (see `realtime.audiences`).

    A durable one is a row of the caller's transaction; an ephemeral one is published at once and kept nowhere.
    """
    tell_many([(told, to)])


def tell_many(pairs: Iterable[tuple[Told, Iterable[str]]]) -> None:
    """As `tell`, in one INSERT; they are numbered in the order given."""
    durable, now = [], timezone.now()
    for told, to in pairs:
        if told.durable:
            durable.append(row_of(told, to=to, at=now))
        else:
            bell.publish_ephemeral(type=told.type, at=now, audience=sorted(set(to)), data=told.data())
    if durable:
        writing.insert(durable)
        bell.ring_on_commit()


def row_of(told: Told, *, to: Iterable[str], at: datetime) -> Event:
    """A durable event as it is written; whoever writes it rings the bell on commit."""
    return Event(type=told.type, at=at, audience=sorted(set(to)), data=told.data())


def narrow(*, topic: str, to: Iterable[str], since: datetime) -> None:
    """What was told on a topic since then is from now on for `to` alone, when others may no longer see its subject.

    Live it was heard by those who could see it then; nobody else gets it by a replay.
    """
    Event.objects.filter(at__gte=since, audience__contains=[topic]).update(audience=sorted(set(to)))
