"""Browsers in which somebody has signed in before: what others guess elsewhere does not close the door to them.

A signed cookie names the accounts, by digests, and a number for each. It lets nobody in: it has failures counted by
that number, where they would be counted by name and address for everybody.
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "kmrl_known"
SECONDS = 365 * 24 * 3600
ACCOUNTS = 8  # of people who share one browser: the last that signed in


def number_of(request: HttpRequest, username: str) -> str | None:
    """This browser's number for that account; None where nobody has signed in as that yet."""
    return _read(request).get(_digest(username))


def remember(request: HttpRequest, answer: HttpResponse, username: str) -> None:
    """Somebody has just signed in by this name: his browser is known from now on."""
    known = _read(request)
    name = _digest(username)
    known[name] = known.pop(name, "") or secrets.token_hex(8)
    kept = dict(list(known.items())[-ACCOUNTS:])
    answer.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=COOKIE),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        known: dict[str, str] = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=SECONDS)
    except signing.BadSignature:
        return {}
    return known


def _digest(username: str) -> str:
    return hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest()[:24]
