"""The socket's door: who comes in, by cookie, header, ticket or first frame, and how many at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts import addresses, credentials
from accounts.refusals import NotAllowed, NotSignedIn
from accounts.rights import Action, Rights
from realtime import standing, tickets


@dataclass(frozen=True)
class Guest:
    """Somebody who was let in. `session` and `until`: what the stay hangs on, if anything."""

    credential: str
    rights: Rights
    session: str | None = None
    until: float | None = None


@dataclass(frozen=True)
class Arrival:
    """What a handshake shows. Header names are lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    address: str = ""

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Arrival":
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        said = {
            "REMOTE_ADDR": (scope.get("client") or ("",))[0],
            "HTTP_X_FORWARDED_FOR": headers.get("x-forwarded-for"),
        }
        return cls(headers, parse_qs(scope.get("query_string", b"").decode("latin-1")), addresses.address_of(said))

    @property
    def cookies(self) -> dict[str, str]:
        return credentials.cookies_of(self.headers.get("cookie", ""))


def by_handshake(arrival: Arrival) -> Guest | None:
    """Who shows a ticket, a header, or a cookie from one of our own pages; None who shows nothing.

    Raises NotSignedIn, NotAllowed.
    """
    if ticket := arrival.query.get("ticket"):
        return _by_ticket(ticket[0])
    if found := credentials.identify(arrival.headers, {}):
        token = credentials.bearer_of(arrival.headers.get("authorization", ""))
        return _let_in(Guest(found.credential, found.rights, until=_expiry(token)))
    session = arrival.cookies.get(settings.SESSION_COOKIE_NAME)
    if not session:
        return None
    if not is_ours(arrival.headers):
        raise NotAllowed("A browser's session opens this socket only from the gateway's own pages.")
    by_cookie = credentials.by_session(session)
    return None if by_cookie is None else _let_in(Guest(by_cookie.credential, by_cookie.rights, session=session))


def by_token(token: str) -> Guest:
    """Who sends a JWT or an API key in a frame. Raises NotSignedIn, NotAllowed."""
    found = credentials.by_token(token)
    return _let_in(Guest(found.credential, found.rights, until=_expiry(token)))


def is_ours(headers: Mapping[str, str]) -> bool:
    """Whether the page that opens the socket is the gateway's own (or one that KMRL_TRUSTED_ORIGINS names)."""
    origin = headers.get("origin", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = headers.get("host", "")
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return bool(host) and urlsplit(origin).netloc == host and validate_host(split_domain_port(host)[0], allowed)


def _by_ticket(text: str) -> Guest:
    credential = tickets.redeem(text)
    rights = standing.rights_by(credential) if credential else None
    if credential is None or rights is None:
        raise NotSignedIn("This ticket is unknown, used or older than 30 seconds. Ask for a new one.")
    return _let_in(Guest(credential, rights))


def _let_in(guest: Guest) -> Guest:
    if not guest.rights.scope_allows(Action.SEE):
        raise NotAllowed("This API key may not read.")
    return guest


def _expiry(token: str | None) -> float | None:
    """When a JWT (already found good) ends, in seconds since 1970; None for an API key."""
    if token is None or token.count(".") != 2:
        return None
    return float(jwt.decode(token, options={"verify_signature": False})["exp"])
