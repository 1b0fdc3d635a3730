"""What browsers are told to refuse on our behalf.

Pages run scripts and styles of this host's own files only, nothing inline. The admin (unfold, which brings Alpine) and
the page of the API's documentation (Swagger UI) cannot live with that, and get a policy of their own; they show no
document's content.
"""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

_FRAME = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"
_OWN = "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'"

PAGES = f"{_OWN}; script-src 'self'; style-src 'self'; {_FRAME}"
DOCS = f"{_OWN}; script-src 'self'; style-src 'self' 'unsafe-inline'; {_FRAME}"
ADMIN = f"{_OWN}; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; {_FRAME}"
DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"  # nothing to be rendered

POLICIES = (("/api/v1/docs/", DOCS), ("/api/", DATA), ("/admin/", ADMIN))
REFUSED_FEATURES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "midi", "browsing-topics")
EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in REFUSED_FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # what people may see differs; files and page pictures say otherwise
}
IN_A_BROWSER = "private, no-store"
"""For who shows a session: else the next person at this browser goes back to a page of who has signed out. Originals,
which say otherwise, are asked for each time."""


# Django says length 0 and HTML of these too; a cache believes of a 304 that this is what it holds (RFC 9110, 8.6).
WITHOUT_BODY = (204, 304)


class SecurityHeaders:
    """Adds them to every answer that has not said otherwise itself, in a synchronous or asynchronous chain."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        answer = self._get_response(request)
        return _guarded(request, answer) if isinstance(answer, HttpResponseBase) else _later(request, answer)


async def _later(request: HttpRequest, answer: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    return _guarded(request, await answer)


def _guarded(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers.setdefault("Content-Security-Policy", policy_of(request.path))
    if _shows_a_session(request):
        answer.headers.setdefault("Cache-Control", IN_A_BROWSER)
    for name, said in EVERYWHERE.items():
        answer.headers.setdefault(name, said)
    if answer.status_code in WITHOUT_BODY:
        del answer["Content-Type"], answer["Content-Length"]
    return answer


def of_data(request: HttpRequest) -> dict[str, str]:
    """All that the middleware says with an answer below /api/, for what is answered without it."""
    said = {"Content-Security-Policy": DATA, **EVERYWHERE, "Content-Language": "en", "Vary": "Accept-Language"}
    if _shows_a_session(request):
        said["Cache-Control"] = IN_A_BROWSER
    if settings.SECURE_HSTS_SECONDS and request.is_secure():
        said["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return {**said, "X-Frame-Options": settings.X_FRAME_OPTIONS}


def _shows_a_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def policy_of(path: str) -> str:
    """The Content-Security-Policy of an address of ours."""
    return next((policy for prefix, policy in POLICIES if path.startswith(prefix)), PAGES)
