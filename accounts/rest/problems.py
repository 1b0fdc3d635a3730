"""Every error that leaves the REST interface is `application/problem+json` (RFC 9457) with a stable `code`."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.refusals import Refusal

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
    """DRF's EXCEPTION_HANDLER. What is neither a refusal nor one of DRF's own goes on as a 500."""
    if isinstance(error, Refusal):
        found, headers = of_refusal(error), {}
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        return _answer(found, headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing here that you may see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _answer(*_of_api_exception(error))
    return None


def _of_api_exception(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    status = error.status_code
    code = CODES.get(status, "invalid")
    title = HTTPStatus(status).phrase
    if isinstance(error.detail, dict) and isinstance(error, exceptions.ValidationError):
        errors = {
            name: [str(part) for part in (said if isinstance(said, list) else [said])]
            for name, said in error.detail.items()
        }
        detail = "; ".join(f"{name}: {' '.join(said)}" for name, said in errors.items())
        return body(status=status, code=code, title=title, detail=detail, errors=errors), headers
    said = error.detail
    detail = (
        " ".join(str(part) for part in said)
        if isinstance(said, list)
        else str(said.get("detail", said) if isinstance(said, dict) else said)
    )
    return body(status=status, code=code, title=title, detail=detail), headers


def _answer(found: dict[str, Any], headers: dict[str, str]) -> Response:
    if connection.connection is not None:
        set_rollback()
    return Response(found, status=found["status"], headers=headers, content_type=CONTENT_TYPE)
