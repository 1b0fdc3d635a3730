"""Whether those who listen still may: looked up again every few seconds, for all sockets of the process together.

First a few queries over everybody's accounts, memberships, keys and sessions; the rights themselves are worked out anew
only for those for whom something changed.
"""

import hashlib
from collections.abc import Collection, Hashable
from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiKey, Membership, User
from accounts.rights import Rights, rights_of
from realtime import audiences


@dataclass(frozen=True)
class Listening:
    """Who listens to what: a credential (`user:<id>`, `key:<id>`), the session it hangs on (if any), topics.

    `stamp` is that of the password with which somebody came in; empty for keys.
    """

    credential: str
    session: str | None
    topics: frozenset[str]
    stamp: str = ""


@dataclass(frozen=True)
class Standing:
    """What is left of it: `rights` None is to be shown out."""

    rights: Rights | None
    topics: frozenset[str]


@dataclass(frozen=True)
class _Person:
    """What differs as soon as somebody's rights, or his password, do."""

    superuser: bool
    house: str
    roles: frozenset[tuple[int, str]]
    stamp: str


def stamp_of(password: str) -> str:
    """Differs as soon as the password does; of what the database keeps of it, and no use to anybody else."""
    return hashlib.sha256(password.encode()).hexdigest()


def rights_by(credential: str) -> Rights | None:
    """The rights of a credential now; None when it holds no longer."""
    kind, _, pk = credential.partition(":")
    if kind == "key":
        key = _live_keys().filter(pk=pk).select_related("user").first()
        return rights_of(key.user, key) if key is not None else None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return rights_of(user) if user is not None else None


class Watch:
    """Remembers what was found, so that only changes cost. Used by one thread at a time."""

    def __init__(self) -> None:
        self._marks: dict[str, Hashable] = {}
        self._rights: dict[str, Rights | None] = {}

    def look(self, listening: Collection[Listening]) -> dict[Listening, Standing]:
        marks = _marks({one.credential for one in listening})
        rights = {
            credential: self._rights[credential]
            if credential in self._rights and self._marks.get(credential) == mark
            else rights_by(credential)
            for credential, mark in marks.items()
        }
        self._marks, self._rights = marks, rights
        sessions = _live_sessions({one.session for one in listening if one.session})
        return {one: _standing(one, marks[one.credential], rights[one.credential], sessions) for one in set(listening)}


def _standing(one: Listening, mark: Hashable, rights: Rights | None, sessions: Collection[str]) -> Standing:
    ended = one.session is not None and one.session not in sessions
    changed = isinstance(mark, _Person) and bool(one.stamp) and one.stamp != mark.stamp
    if rights is None or ended or changed:
        return Standing(None, frozenset())
    return Standing(rights, audiences.audible(rights, one.topics) if one.topics else frozenset())


def _live_keys() -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, user__is_active=True
    )


def _live_sessions(keys: Collection[str]) -> frozenset[str]:
    if not keys:
        return frozenset()
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return frozenset(live.values_list("session_key", flat=True))


def _marks(credentials: Collection[str]) -> dict[str, Hashable]:
    """For each credential something that differs as soon as its rights may."""
    key_ids = [one.partition(":")[2] for one in credentials if one.startswith("key:")]
    keys = {
        f"key:{pk}": (user, repr(scopes), repr(sources))
        for pk, user, scopes, sources in _live_keys()
        .filter(pk__in=key_ids)
        .values_list("pk", "user_id", "scopes", "sources")
    }
    bound = ApiKey.departments.through.objects.filter(apikey_id__in=key_ids)
    bindings = frozenset(bound.values_list("apikey_id", "department_id")) if key_ids else frozenset()
    user_ids = {int(one.partition(":")[2]) for one in credentials if one.startswith("user:")}
    people = _people(user_ids | {mark[0] for mark in keys.values()})
    marks: dict[str, Hashable] = {}
    for one in credentials:
        if one.startswith("key:"):
            mark = keys.get(one)
            pk = int(one.partition(":")[2])
            mine = frozenset(department for key, department in bindings if key == pk)
            marks[one] = mark and (mark, mine, people.get(mark[0]))
        else:
            marks[one] = people.get(int(one.partition(":")[2]))
    return marks


def _people(ids: Collection[int]) -> dict[int, _Person]:
    memberships: dict[int, set[tuple[int, str]]] = {}
    rows = Membership.objects.filter(user_id__in=ids, department__active=True)
    for user, department, role in rows.values_list("user_id", "department_id", "role"):
        memberships.setdefault(user, set()).add((department, role))
    people = User.objects.filter(pk__in=ids, is_active=True)
    return {
        pk: _Person(superuser, house, frozenset(memberships.get(pk, ())), stamp_of(password))
        for pk, superuser, house, password in people.values_list("pk", "is_superuser", "house_role", "password")
    }
