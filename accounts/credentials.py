"""Who a caller is, from what the caller shows: an API key, a JWT or a session cookie.

One answer for every door: REST, the gate before the body is read, and the socket. An answer is held for
`CREDENTIALS_HELD_SECONDS` (2 s) in each process, so that the doors of one request ask the database once: a change of
password, key, role or membership takes effect within that time, and at once in the process that calls `forget`.
"""

import copy
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts import api_keys
from accounts.models import User
from accounts.refusals import NotSignedIn
from accounts.rights import Rights, rights_of

HELD_AT_MOST = 5_000


@dataclass(frozen=True)
class Identity:
    """A caller who has been recognised. `credential` is `user:<id>` or `key:<id>`."""

    user: User
    rights: Rights

    @property
    def credential(self) -> str:
        return self.rights.credential


def identify(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Identity | None:
    """The caller, or None who shows nothing (a stale session cookie is nothing). Header names are lower case.

    Raises NotSignedIn for a key or token that does not hold.
    """
    match _shown(headers, cookies):
        case "key", key:
            return by_key(key)
        case "jwt", token:
            return by_jwt(token)
        case "session", session:
            return by_session(session)
    return None


def held(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Identity | None:
    """The caller if recognised within the last seconds by this process: asks nobody, so an event loop may call it."""
    shown = _shown(headers, cookies)
    return None if shown is None else _held.get(_name(*shown))


def _shown(headers: Mapping[str, str], cookies: Mapping[str, str]) -> tuple[str, str] | None:
    """The credential that counts, and its kind."""
    if key := headers.get("x-api-key"):
        return "key", key
    if token := bearer_of(headers.get("authorization", "")):
        return "jwt", token
    session = cookies.get(settings.SESSION_COOKIE_NAME)
    return ("session", session) if session else None


def by_token(text: str) -> Identity:
    """The caller whose API key or JWT this is. Raises NotSignedIn."""
    return by_key(text) if text.startswith(api_keys.MARK) else by_jwt(text)


def by_key(full: str) -> Identity:
    """The caller whose API key this is. Raises NotSignedIn."""

    def look() -> Identity:
        key = api_keys.find(full)
        if key is None:
            raise NotSignedIn("This API key is unknown, revoked or expired. Ask an administrator for a new one.")
        api_keys.note_use(key)
        return Identity(key.user, rights_of(key.user, key))

    return _looked_up("key", full, look)


def by_jwt(token: str) -> Identity:
    """The caller whose access token this is. Raises NotSignedIn: expired, forged, or the password was changed since."""

    def look() -> Identity:
        try:
            user = JWTAuthentication().get_user(AccessToken(token))  # type: ignore[arg-type]  # wrong in the stubs
        except (TokenError, AuthenticationFailed, ValueError):
            user = None
        if not isinstance(user, User):
            raise NotSignedIn("This token is not valid or no longer so. Sign in again or refresh it.")
        return Identity(user, rights_of(user))

    return _looked_up("jwt", token, look)


def by_session(session_key: str) -> Identity | None:
    """The caller of a browser's session, or None when it has ended."""

    def look() -> Identity | None:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
        user = get_user(request)
        return Identity(user, rights_of(user)) if isinstance(user, User) and user.is_active else None

    return _looked_up("session", session_key, look)


def bearer_of(header: str) -> str | None:
    """The token of an `Authorization: Bearer …` header; None for any other scheme."""
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def cookies_of(header: str) -> dict[str, str]:
    """The cookies of a `Cookie` header; what cannot be read is left out."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


Found = TypeVar("Found", Identity, Identity | None)


class _Held:
    """Answers of the last seconds, by the digest of what was shown (never the credential itself)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, tuple[float, Identity]] = OrderedDict()
        self._generation = 0

    def get(self, name: bytes) -> Identity | None:
        with self._lock:
            until, identity = self._answers.get(name, (0.0, None))
        if identity is None or until <= time.monotonic():
            return None
        return replace(identity, user=copy.copy(identity.user))

    def generation(self) -> int:
        return self._generation

    def put(self, name: bytes, identity: Identity, *, seconds: float, generation: int) -> None:
        with self._lock:
            if generation != self._generation:  # forgotten while it was looked up
                return
            self._answers[name] = (time.monotonic() + seconds, identity)
            self._answers.move_to_end(name)
            while len(self._answers) > HELD_AT_MOST:
                self._answers.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._generation += 1
            self._answers.clear()


_held = _Held()


def forget() -> None:
    """Look everything up anew from now on, in this process."""
    _held.clear()


def _looked_up(kind: str, shown: str, look: Callable[[], Found]) -> Identity | Found:
    name = _name(kind, shown)
    if (identity := _held.get(name)) is not None:
        return identity
    generation, found = _held.generation(), look()
    if found is not None and (seconds := settings.CREDENTIALS_HELD_SECONDS):
        _held.put(name, found, seconds=seconds, generation=generation)
    return found


def _name(kind: str, shown: str) -> bytes:
    return hashlib.sha256(f"{kind}:{shown}".encode()).digest()
