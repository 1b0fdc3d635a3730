"""What the OpenAPI page says about credentials. Imported for its effect: drf-spectacular collects the classes."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

ExtensionBase: Any = OpenApiAuthenticationExtension


class ApiKeyScheme(ExtensionBase):
    target_class = "accounts.rest.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}


class BearerScheme(ExtensionBase):
    target_class = "accounts.rest.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(ExtensionBase):
    target_class = "accounts.rest.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
