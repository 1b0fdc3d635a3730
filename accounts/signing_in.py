"""Signing in by name and password, with failures counted: by address and by name, or by a browser that is known.

Who calls from where this account signed in lately has the failures of its name counted for that address alone.

It is Django's authentication backend, so that every door that calls `authenticate` is counted: page, API and admin.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts import counting, known_addresses, known_browsers
from accounts.addresses import address_of
from accounts.models import User
from accounts.passwords import LONGEST
from accounts.refusals import TooMany, Unavailable

log = logging.getLogger(__name__)


class CountedBackend(ModelBackend):
    """Raises TooMany after many failures, and Unavailable while nobody can count: guessers must not profit."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> User | None:
        if not username or not password or len(password) > LONGEST:
            return None
        address = address_of(request.META) if request else ""
        name = _digest(username)
        browser = known_browsers.number_of(request, username) if request else None
        turns = _turns(name, address) if browser is None else [(_limit("browser", "name"), browser)]
        _take(turns)
        user = super().authenticate(request, username=username, password=password, **others)
        if not isinstance(user, User):
            log.warning("Refused to sign %s in from %s", _named(username), address or "a socket file")
            return None
        _give_back(turns, name, address)
        return user


def _named(username: str) -> str:
    """For the log: the name of an account; of what is none only a digest, for it may be a password."""
    if User.objects.filter(username=username).exists():
        return repr(username)
    return f"somebody unknown ({hashlib.sha256(username.encode('utf-8', 'replace')).hexdigest()[:8]})"


def _digest(username: str) -> str:
    """Names are counted by digests, because people type passwords into the wrong field."""
    return hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest()[:32]


def _turns(name: str, address: str) -> list[tuple[counting.Limit, str]]:
    """What is counted. Raises Unavailable."""
    with _counted():
        known = known_addresses.number_of(name, address)
    by_name = (_limit("name"), name) if known is None else (_limit("known-address", "name"), known)
    return [by_name, *([(_limit("address"), address)] if address else [])]


def _limit(what: str, rate: str = "") -> counting.Limit:
    return counting.limit(f"sign-in-{what}", settings.SIGN_IN_RATES[rate or what])


def _take(turns: list[tuple[counting.Limit, str]]) -> None:
    with _counted():
        waits = [wait for limit, who in turns if (wait := counting.take(limit, who)) is not None]
    if waits:
        raise TooMany(
            "Too many attempts to sign in failed. Wait a little and try again.", retry_after=int(max(waits)) + 1
        )


@contextmanager
def _counted() -> Iterator[None]:
    """Raises Unavailable while nobody can count."""
    try:
        yield
    except counting.CountsAway:
        raise Unavailable("Nobody can sign in just now. Try again in a minute.", retry_after=30) from None


def _give_back(turns: list[tuple[counting.Limit, str]], name: str, address: str) -> None:
    try:
        for limit, who in turns:
            counting.give_back(limit, who)
        known_addresses.remember(name, address)
    except counting.CountsAway:
        log.warning("Redis went away while somebody signed in")
