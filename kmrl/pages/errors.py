"""Pages for what went wrong. Callers of the API get the same as a problem document."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from accounts.rest import problems

SAID = {
    403: "You may not do this.",
    404: "There is nothing here that you may see.",
    500: "Something went wrong on our side. It has been written down; try again in a moment.",
    503: "The gateway's database cannot be reached just now. Try again in a minute.",
}


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; when it is the database that is away, the page says so."""
    error = sys.exc_info()[1]
    return _page(request, 503 if isinstance(error, (OperationalError, InterfaceError)) else 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, template="403_csrf.html")


def _page(request: HttpRequest, status: int, *, template: str = "") -> HttpResponse:
    """Made without asking the database or the session: they may be what is broken."""
    if request.path.startswith("/api/"):
        code = {500: "internal", 503: "unavailable"}.get(status, "")
        answer = problems.plainly(status, SAID[status], code=code)
    else:
        answer = HttpResponse(loader.get_template(template or f"{status}.html").render({}), status=status)
    if status == 503:
        answer["Retry-After"] = "10"
    return answer
