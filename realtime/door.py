"""The socket's door: who comes in, by cookie, header, ticket or first frame, and how many at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts import addresses, credentials
from accounts.credentials import Identity
from accounts.refusals import NotAllowed, NotSignedIn
from accounts.rights import Action, Rights
from realtime import standing, tickets


@dataclass(frozen=True)
class Guest:
    """Somebody who was let in. `session`, `until`, `stamp` (of the password): what the stay hangs on, if anything."""

    credential: str
    rights: Rights
    session: str | None = None
    until: float | None = None
    stamp: str = ""


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
        return _let_in(_guest(found, token=credentials.bearer_of(arrival.headers.get("authorization", ""))))
    session = arrival.cookies.get(settings.SESSION_COOKIE_NAME)
    if not session:
        return None
    if not is_ours(arrival.headers):
        raise NotAllowed("A browser's session opens this socket only from the gateway's own pages.")
    by_cookie = credentials.by_session(session)
    return None if by_cookie is None else _let_in(_guest(by_cookie, session=session))


def by_token(token: str) -> Guest:
    """Who sends a JWT or an API key in a frame. Raises NotSignedIn, NotAllowed."""
    return _let_in(_guest(credentials.by_token(token), token=token))


def ticket_for(identity: Identity, *, session: str | None = None, token: str | None = None) -> str:
    """A ticket for who shows this session or token, or an API key; its stay ends with theirs."""
    guest = _let_in(_guest(identity, session=session, token=token))
    return tickets.issue(credential=guest.credential, session=guest.session or "", until=guest.until, stamp=guest.stamp)


def is_ours(headers: Mapping[str, str]) -> bool:
    """Whether the page that opens the socket is the gateway's own (or one that KMRL_TRUSTED_ORIGINS names)."""
    origin = headers.get("origin", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = headers.get("host", "")
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    return bool(host) and urlsplit(origin).netloc == host and validate_host(split_domain_port(host)[0], allowed)


def _by_ticket(text: str) -> Guest:
    found = tickets.redeem(text)
    rights = standing.rights_by(found.credential) if found else None
    if found is None or rights is None:
        raise NotSignedIn("This ticket is unknown, used or older than 30 seconds. Ask for a new one.")
    return _let_in(Guest(found.credential, rights, found.session or None, found.until, found.stamp))


def _guest(identity: Identity, *, session: str | None = None, token: str | None = None) -> Guest:
    """A key does not hang on its owner's password."""
    stamp = standing.stamp_of(identity.user.password) if identity.rights.key_id is None else ""
    return Guest(identity.credential, identity.rights, session, _expiry(token), stamp)


def _let_in(guest: Guest) -> Guest:
    if not guest.rights.scope_allows(Action.SEE):
        raise NotAllowed("This API key may not read.")
    return guest


def _expiry(token: str | None) -> float | None:
    """When a JWT (already found good) ends, in seconds since 1970; None for an API key."""
    if token is None or token.count(".") != 2:
        return None
    return float(jwt.decode(token, options={"verify_signature": False})["exp"])
