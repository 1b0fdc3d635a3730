"""How much one caller may ask for: by API key, else by person, else by network address."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import counting
from accounts.addresses import address_of
from accounts.rights import Rights

if TYPE_CHECKING:  # views load this module by name while they are loaded themselves
    from rest_framework.views import APIView


class CallerThrottle(BaseThrottle):
    """Lets everything pass while Redis is away: work goes on, and only floods would have been refused."""

    scope = "caller"

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        limit = counting.limit(self.scope, settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"][self.scope])
        try:
            self._wait = counting.take(limit, who_calls(request))
        except counting.CountsAway:
            self._wait = None
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait


def who_calls(request: Request) -> str:
    """`key:<id>`, `user:<id>` or `address:<address>`."""
    if isinstance(request.auth, Rights):
        return request.auth.credential
    return f"address:{address_of(request.META)}"
