"""How REST callers say who they are. `request.auth` is always the caller's `Rights`."""

from rest_framework import authentication
from rest_framework.request import Request

from accounts import credentials
from accounts.models import User
from accounts.refusals import NotSignedIn
from accounts.rights import Rights, rights_of


def rights_in(request: Request) -> Rights:
    """What the caller may. Raises NotSignedIn for nobody."""
    if not isinstance(request.auth, Rights):
        raise NotSignedIn
    return request.auth


def user_in(request: Request) -> User:
    """Who the caller is. Raises NotSignedIn for nobody."""
    if not isinstance(request.user, User):
        raise NotSignedIn
    return request.user


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key: kmrl_…`"""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        full = request.headers.get("X-API-Key")
        if not full:
            return None
        found = credentials.by_key(full)
        return found.user, found.rights

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <JWT>`"""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        token = credentials.bearer_of(request.headers.get("Authorization", ""))
        if token is None:
            return None
        found = credentials.by_jwt(token)
        return found.user, found.rights

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's cookie, with CSRF."""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        found = super().authenticate(request)
        if found is None or not isinstance(found[0], User):
            return None
        return found[0], rights_of(found[0])
