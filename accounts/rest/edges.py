"""Answers below /api/ where no view of ours is reached: they are problems too."""

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from accounts.rest import problems


@csrf_exempt
def unknown(request: HttpRequest, address: str = "") -> HttpResponse:
    """There is no such address."""
    return problems.plainly(404, no_address(request.path))


def no_address(path: str) -> str:
    """The sentence for one that is not there."""
    hint = "" if path.endswith("/") else " Addresses of the API end in a slash."
    return f"The API has no address {path[:200]}.{hint}"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: what was refused before any view looked at it."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        return problems.plainly(413, f"Beside files a request may hold {most:,} KB at most.", code="too_large")
    if isinstance(exception, TooManyFilesSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return problems.plainly(413, f"One request may bring {most:,} files at most.", code="too_large")
    if isinstance(exception, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        return problems.plainly(400, f"An address or a form may have {most:,} fields at most.")
    if isinstance(exception, BadRequest) and str(exception):
        return problems.plainly(400, str(exception))
    said = "The request is not one that this host answers." if isinstance(exception, SuspiciousOperation) else ""
    return problems.plainly(400, said or "The request cannot be understood.")
