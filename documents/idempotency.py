"""`Idempotency-Key`: a request that is sent again gets its first answer, for 24 hours."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from accounts import prepared
from accounts.refusals import Refusal
from documents import locks
from documents.models import IdempotentRequest
from documents.refusals import IdempotencyMismatch, InFlight

KEPT = timedelta(hours=24)
LONGEST = 200

# On the way of every upload: as the ORM would say it, without its composing them each time.
ANSWERED = (
    "SELECT fingerprint, answer::text FROM documents_idempotentrequest"
    " WHERE credential = %s AND route = %s AND key = %s AND created_at > %s"
)
ANSWERED_OF_MANY = (
    "SELECT g.n, r.fingerprint, r.answer::text"
    " FROM json_to_recordset(%s::json) AS g (n int, credential text, route text, key text) CROSS JOIN LATERAL ("
    " SELECT fingerprint, answer FROM documents_idempotentrequest"
    " WHERE credential = g.credential AND route = g.route AND key = g.key AND created_at > %s LIMIT 1) AS r"
)
REMEMBER = (
    "INSERT INTO documents_idempotentrequest (credential, route, key, fingerprint, status, answer, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s) ON CONFLICT (credential, route, key) DO UPDATE"
    " SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status, answer = EXCLUDED.answer,"
    " created_at = EXCLUDED.created_at"
)


@dataclass(frozen=True)
class Key:
    """Whose request on which route: `credential` is "user:<id>" or "key:<id>"."""

    credential: str
    route: str
    key: str

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST or not self.key.isprintable():
            raise Refusal(f"An Idempotency-Key has 1 to {LONGEST} printable characters.")


@dataclass(frozen=True)
class Asked:
    """A request with its key and what it says."""

    key: Key
    fingerprint: str

    def answered_before(self) -> dict[str, Any] | None:
        """What to look up for the answer that was given before, or None. Raises IdempotencyMismatch."""
        found = prepared.rows(ANSWERED, [*self._name(), timezone.now() - KEPT])
        if not found:
            return None
        return self._known(*found[0])

    def hold(self) -> dict[str, Any] | None:
        """In the transaction: keep others with this key away until commit, and look again. Raises InFlight."""
        if not locks.try_hold(self.number):
            raise InFlight
        return self.answered_before()

    def remember(self, answer: dict[str, Any], *, status: int) -> None:
        """In the same transaction: this is the answer from now on. An older one of over 24 hours is replaced."""
        said: list[Any] = [self.fingerprint, status, orjson.dumps(answer).decode(), timezone.now()]
        with connection.cursor() as cursor:
            cursor.execute(REMEMBER, [*self._name(), *said])

    def remembered(self, answer: dict[str, Any], *, status: int) -> IdempotentRequest:
        """The same as a new row, for who writes it while holding `number`; one that is there already wins."""
        credential, route, key = self._name()
        return IdempotentRequest(
            credential=credential,
            route=route,
            key=key,
            fingerprint=self.fingerprint,
            status=status,
            answer=answer,
            created_at=timezone.now(),
        )

    @property
    def number(self) -> int:
        """Of the advisory lock that keeps others with this key away."""
        return locks.number_of_name(f"idempotency {self.key.credential} {self.key.route} {self.key.key}")

    def _known(self, fingerprint: str, answer: str) -> dict[str, Any]:
        if fingerprint != self.fingerprint:
            raise IdempotencyMismatch
        known: dict[str, Any] = orjson.loads(answer)
        return known

    def _name(self) -> tuple[str, str, str]:
        return self.key.credential, self.key.route, self.key.key


def asked(key: Key | None, fields: dict[str, Any], files: Sequence[tuple[str, str]]) -> Asked | None:
    """The request as it is compared with an earlier one: its fields, and the names and digests of its files."""
    if key is None:
        return None
    said = orjson.dumps([fields, list(files)], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return Asked(key, hashlib.sha256(said).hexdigest())


def answered_before(many: Sequence[Asked | None]) -> dict[int, dict[str, Any] | IdempotencyMismatch]:
    """As `Asked.answered_before` for many in one query: by place, those that have an answer, or are refused."""
    names = [
        {"n": n, "credential": one.key.credential, "route": one.key.route, "key": one.key.key}
        for n, one in enumerate(many)
        if one is not None
    ]
    found: dict[int, dict[str, Any] | IdempotencyMismatch] = {}
    if not names:
        return found
    rows = prepared.rows(ANSWERED_OF_MANY, [orjson.dumps(names).decode(), timezone.now() - KEPT])
    for n, fingerprint, answer in rows:
        if (one := many[n]) is not None:
            try:
                found[n] = one._known(fingerprint, answer)
            except IdempotencyMismatch as refusal:
                found[n] = refusal
    return found


def forget_old() -> int:
    """Remove what is older than 24 hours; tells how many."""
    return IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
