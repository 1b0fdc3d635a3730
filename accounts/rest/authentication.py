"""How REST callers say who they are. `request.auth` is always the caller's `Rights`."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts import api_keys
from accounts.models import User
from accounts.rights import Rights, rights_of


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key: kmrl_…`"""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        full = request.headers.get("X-API-Key")
        if not full:
            return None
        key = api_keys.find(full)
        if key is None:
            raise exceptions.AuthenticationFailed("This API key is unknown, revoked or expired.")
        return key.user, rights_of(key.user, key)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer <JWT>`"""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        found = super().authenticate(request)
        return None if found is None else (found[0], rights_of(found[0]))


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's cookie, with CSRF."""

    def authenticate(self, request: Request) -> tuple[User, Rights] | None:
        found = super().authenticate(request)
        return None if found is None else (found[0], rights_of(found[0]))


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
