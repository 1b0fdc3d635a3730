"""Every error that leaves the REST interface is `application/problem+json` (RFC 9457) with a stable `code`."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.refusals import Refusal, Unavailable
from accounts.rest.rendering import JSONRenderer

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported",
    429: "too_many",
    500: "internal",
    503: "unavailable",
}


def body(*, status: int, code: str, title: str, detail: str, errors: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": f"urn:kmrl:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        found["errors"] = errors
    return found


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    return body(
        status=refusal.status, code=refusal.code, title=refusal.title, detail=refusal.detail, errors=refusal.errors
    )


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. What is neither a refusal nor one of DRF's own goes on, as a fault of ours."""
    if "request" in context:  # JSON also where the view would have answered YAML or a page
        request = context["request"]
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    if isinstance(error, Unavailable) and error.why:
        logger.warning("%s: %s", error.title, error.why)
    if isinstance(error, Refusal):
        return _answer(of_refusal(error), headers_of(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing here that you may see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _answer(*_of_api_exception(error))
    return None


def headers_of(refusal: Refusal) -> dict[str, str]:
    """What HTTP says beside the body."""
    headers = dict(refusal.headers)
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return headers


def plainly(status: int, detail: str, *, code: str = "", errors: dict[str, Any] | None = None) -> HttpResponse:
    """The answer where no DRF view is at work: unknown addresses, middleware, faults."""
    said = body(
        status=status, code=code or CODES.get(status, "invalid"), title=_title(status), detail=detail, errors=errors
    )
    return HttpResponse(orjson.dumps(said), status=status, content_type=CONTENT_TYPE)


def _of_api_exception(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    status = error.status_code
    errors = _by_field(error.detail) if isinstance(error, exceptions.ValidationError) else {}
    detail = "; ".join(f"{name}: {' '.join(said)}" for name, said in errors.items()) or _sentence(error.detail)
    code = CODES.get(status, "invalid")
    return body(status=status, code=code, title=_title(status), detail=detail, errors=errors or None), headers


def _by_field(detail: Any, place: str = "") -> dict[str, list[str]]:
    """DRF's nested complaints, flat: `{"people.0": ["Not a number."]}`."""
    if not isinstance(detail, dict | list):
        return {place or "request": [str(detail)]}
    if isinstance(detail, list) and not any(isinstance(part, dict | list) for part in detail):
        return {place or "request": [str(part) for part in detail]} if detail else {}
    found: dict[str, list[str]] = {}
    for name, part in detail.items() if isinstance(detail, dict) else enumerate(detail):
        for where, said in _by_field(part, f"{place}.{name}" if place else str(name)).items():
            found.setdefault(where, []).extend(said)
    return found


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return str(detail.get("detail", detail))
    return " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _answer(found: dict[str, Any], headers: dict[str, str]) -> Response:
    if connection.connection is not None:
        set_rollback()
    return Response(found, status=found["status"], headers=headers, content_type=CONTENT_TYPE)
