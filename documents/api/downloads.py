"""The original of a document."""

from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.refusals import NotFound
from accounts.rest import problems
from accounts.rest.negotiation import AnswersOneKind
from documents import downloads
from documents.api import fields
from documents.api.doors import DocumentView
from documents.models import Document, Version
from documents.storage import key_of, originals
from documents.validation import names

CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")
MISSING = "The bytes of this document are missing. Tell the administrator."
Answer = TypeVar("Answer", bound=HttpResponseBase)


class DownloadView(DocumentView):
    """`GET /documents/{id}/download/`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(
        operation_id="documents_download",
        parameters=[
            OpenApiParameter("version", OpenApiTypes.INT, description="the newest when it is not said"),
            OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER),
            *(OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER) for name in CONDITIONS),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 206: OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The original, as an attachment under its name; whole or in part (Range)."""
        version = self._version(self.document(pk))
        etag = f'"{version.blob_id}"'
        if downloads.is_known(request._request, etag, version.uploaded_at):
            return self._tagged(HttpResponse(status=304), version, etag)
        looks_only = request.method == "HEAD"
        if not looks_only and settings.S3_REDIRECT and (address := self._address(version)):
            return HttpResponseRedirect(address, headers={"Cache-Control": "private, no-store"})
        try:
            part = downloads.part_of(None if looks_only else self._range(etag), version.file_size)
        except downloads.Unsatisfiable:
            said = f"The file has {version.file_size} bytes; the range lies outside them."
            answer = problems.plainly(416, said, code="range_not_satisfiable")
            answer["Content-Range"] = f"bytes */{version.file_size}"
            return self._tagged(answer, version, etag)
        given = self._stream(version, part) if not looks_only else self._length(version)
        return self._labelled(given, version, etag)

    def _version(self, document: Document) -> Version:
        number = fields.whole_number(self.request.query_params, "version")
        found = document.newest if number is None else document.versions.filter(number=number).first()
        if found is None:
            raise NotFound(f"There is no version {number}.")
        return found

    def _range(self, etag: str) -> str | None:
        """`If-Range` with another entity asks for the whole."""
        condition = self.request.headers.get("If-Range")
        return self.request.headers.get("Range") if condition in (None, etag) else None

    def _stream(self, version: Version, part: downloads.Part) -> StreamingHttpResponse:
        try:
            chunks = originals().read(key_of(version.blob_id), part.start, part.length)
        except FileNotFoundError:
            raise NotFound(MISSING) from None
        under_asgi = isinstance(self.request._request, ASGIRequest)
        answer = StreamingHttpResponse(
            downloads.in_threads(chunks) if under_asgi else chunks, status=200 if part.whole else 206
        )
        answer["Content-Length"] = str(part.length)
        if not part.whole:
            answer["Content-Range"] = part.content_range
        return answer

    def _length(self, version: Version) -> HttpResponse:
        """For HEAD, where ranges mean nothing (RFC 9110, 14.2): what GET says of the whole, and no byte is read."""
        if not originals().exists(key_of(version.blob_id)):
            raise NotFound(MISSING)
        return HttpResponse(headers={"Content-Length": str(version.file_size)})

    def _address(self, version: Version) -> str | None:
        return originals().url(key_of(version.blob_id), names.attachment(version.original_filename))

    def _labelled(self, answer: Answer, version: Version, etag: str) -> Answer:
        """Never shown within the house's own pages, whatever it holds."""
        answer["Content-Type"] = version.content_type
        answer["Content-Disposition"] = names.attachment(version.original_filename)
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return self._tagged(answer, version, etag)

    def _tagged(self, answer: Answer, version: Version, etag: str) -> Answer:
        """What tells clients which bytes these are, and how to ask for some of them."""
        answer["Accept-Ranges"] = "bytes"
        answer["ETag"] = etag
        answer["Last-Modified"] = http_date(version.uploaded_at.timestamp())
        answer["Cache-Control"] = "private, no-cache"
        return answer
