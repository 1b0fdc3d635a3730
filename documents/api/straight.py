"""The straight way of a small upload: from the gate to the desk, without Django's middleware and a view.

The gate has said who sends, has counted, and has measured. What is left of a request of the ordinary kind is its form,
its answer and its headers; everything out of the ordinary goes the long way, through `documents.api.uploads`, which
parses and answers with the same functions. Tests hold both ways against each other.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.exception import response_for_exception
from django.http import HttpResponse, QueryDict
from rest_framework.parsers import MultiPartParser

from accounts import credentials
from accounts.credentials import Identity
from accounts.rest import problems
from accounts.rest.authentication import SessionAuthentication
from accounts.rest.rendering import JSONRenderer
from documents import intake, presentation, recording
from documents.api import forms, uploads
from documents.api.desk import Desk
from documents.gate import CALLER
from documents.intake import Sent
from documents.models import Document

PATH = "/api/v1/documents/upload/"
SMALL = 2 * 1024 * 1024  # bytes; held in memory, as Django would hold them
ACCEPTED = {"*/*", "application/*", "application/json"}

# Django's stubs and the ASGI servers' own types do not agree: hence Any below.


@dataclass(frozen=True)
class Errand:
    """One upload as it came in."""

    scope: Any
    body: bytes
    caller: Identity


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Straight:
    """`Straight(django, headers)`: an ASGI application around another one, behind the gate.

    `headers` tells what every answer says beside its own, as the middleware would.
    """

    def __init__(self, app: Any, headers: Callable[[ASGIRequest], Mapping[str, str]]) -> None:
        self._app, self._headers = app, headers
        self._desk: Desk[Errand, Answer] = Desk(self._serve)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        caller = scope.get(CALLER)
        if caller is None or not _is_ordinary(scope):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            return
        answer = await self._desk.hand_in(Errand(scope, body, caller))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _serve(self, errands: Sequence[Errand]) -> tuple[list[Answer], Callable[[], None]]:
        """In a thread of the desk."""
        requests = [ASGIRequest(errand.scope, io.BytesIO(errand.body)) for errand in errands]
        read = [_attempt(_read, request, one) for request, one in zip(requests, errands, strict=True)]
        sent = {number: found for number, found in enumerate(read) if isinstance(found, Sent)}
        places, ready = list(sent), dict[UUID, Answer]()

        def show(number: int, document: Document) -> None:
            place = places[number]
            with suppress(Exception):  # raised anew, and answered, if this is the outcome
                ready[document.pk] = self._answer(requests[place], errands[place], document)

        recorded = recording.record(list(sent.values()), show=show)
        tell = recorded.begin_to_tell()
        recorded_as = dict(zip(places, recorded.outcomes, strict=True))
        answers = []
        for number, (request, errand, found) in enumerate(zip(requests, errands, read, strict=True)):
            outcome = found if isinstance(found, Exception) else recorded_as[number]
            answer = ready.get(outcome.pk) if isinstance(outcome, Document) else None
            answers.append(answer or self._answer(request, errand, outcome))
        return answers, tell

    def _answer(self, request: ASGIRequest, errand: Errand, outcome: Document | Exception) -> Answer:
        said = _said(outcome, errand) if isinstance(outcome, Document) else _refused(outcome, request)
        for name, value in self._headers(request).items():
            said.headers.setdefault(name, value)
        if not _shows_its_own(errand.scope):
            said.headers["Vary"] += ", Cookie"
        said.headers["Content-Length"] = str(len(said.content))
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in said.headers.items()]
        return Answer(said.status_code, headers, said.content)


def _is_ordinary(scope: Any) -> bool:
    """Whether nothing is asked that only the long way knows."""
    if scope["path"] != PATH or scope["query_string"] or scope.get("root_path") or settings.PROCESS_INLINE:
        return False
    headers = {bytes(name): bytes(value) for name, value in scope["headers"]}
    size = headers.get(b"content-length", b"")
    accepted = headers.get(b"accept", b"*/*").decode("latin-1").split(",")
    return (
        size.isdigit()
        and int(size) <= SMALL
        and b"transfer-encoding" not in headers
        and b"content-encoding" not in headers
        and headers.get(b"content-type", b"").startswith(b"multipart/form-data;")
        and any(kind.strip() in ACCEPTED for kind in accepted)
    )


def _shows_its_own(scope: Any) -> bool:
    """Whether the caller shows a key or a token, and not the cookie that a browser adds by itself."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return bool(headers.get("x-api-key") or credentials.bearer_of(headers.get("authorization", "")))


async def _whole(receive: Any) -> bytes | None:
    """The whole body; None when the client has gone, or the gate has cut it off."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _attempt(act: Callable[[ASGIRequest, Errand], Sent], request: ASGIRequest, errand: Errand) -> Sent | Exception:
    try:
        return act(request, errand)
    except Exception as error:  # noqa: BLE001 (answered, and logged when it is a fault, by `_refused`)
        return error


def _read(request: ASGIRequest, errand: Errand) -> Sent:
    """The file and what was said of it. Raises what the view would."""
    request.get_host()  # refuses hosts that are not ours
    form = _form(request, errand)
    if not _shows_its_own(errand.scope):
        SessionAuthentication().enforce_csrf(request)  # type: ignore[arg-type]  # asks what Django's request has, too
    upload = uploads.upload_of(uploads.sent_file(form))
    wishes = intake.wishes_of(by=errand.caller.user, rights=errand.caller.rights, **uploads.said_in(form))
    key = uploads.key_of(request.headers, errand.caller.rights)
    with upload.opened() as file:
        return intake.look_at(upload, file, wishes, key)


def _form(request: ASGIRequest, errand: Errand) -> Mapping[str, Any]:
    """Its fields and files by name. `request` is told them as well, because the check of a browser's token looks there.

    Raises what the view would.
    """
    content_type = request.META["CONTENT_TYPE"]
    form = forms.plain(errand.body, content_type)
    if form is not None:
        request._post, request._files = form.fields, form.files  # type: ignore[attr-defined]
        return {**form.fields, **form.files}

    def parsed() -> QueryDict:
        context = {"request": request, "encoding": settings.DEFAULT_CHARSET}
        read = MultiPartParser().parse(io.BytesIO(errand.body), content_type, context)
        request._post, request._files = read.data, read.files  # type: ignore[attr-defined]
        whole = read.data.copy()
        whole.update(read.files)
        return whole

    return uploads.bounded_form(parsed)


def _said(document: Document, errand: Errand) -> HttpResponse:
    body = JSONRenderer().render(presentation.as_json(document, errand.caller.rights))
    headers = uploads.ALLOWED | uploads.receipt_at(document)
    return HttpResponse(body, status=202, content_type=JSONRenderer.media_type, headers=headers)


def _refused(error: Exception, request: ASGIRequest) -> HttpResponse:
    """As the view's exception handler, or behind it Django's own, answers; that one logs, too."""
    try:
        raise error
    except Exception as raised:  # noqa: BLE001 (whatever it is, it is answered)
        found = problems.handler(raised, {})
        if found is None:
            return response_for_exception(request, raised)
    headers = {**uploads.ALLOWED, **{name: value for name, value in found.headers.items() if name != "Content-Type"}}
    body = JSONRenderer().render(found.data)
    return HttpResponse(body, status=found.status_code, content_type=problems.CONTENT_TYPE, headers=headers)
