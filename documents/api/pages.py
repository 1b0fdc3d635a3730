"""The text of a document, and its pages: words with boxes, and pictures."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.negotiation import AnswersOneKind
from documents import downloads, pages, showing
from documents.api import fields
from documents.api.doors import DocumentView

VERSION = OpenApiParameter("version", OpenApiTypes.INT, description="the newest that was read when it is not said")
WIDTH = OpenApiParameter("width", OpenApiTypes.INT, description="pixels, 64 to 1600; 900 when it is not said")
NARROWEST, WIDEST, USUAL = 64, 1600, 900
STEP = 50
"""Widths are rounded up, so that a few pictures serve every screen."""


class PageText(serializers.Serializer):
    number = serializers.IntegerField()
    text = serializers.CharField()
    confidence = serializers.FloatField()


class TextShape(serializers.Serializer):
    text = serializers.CharField()
    pages = PageText(many=True)
    version = serializers.IntegerField()


class WordShape(serializers.Serializer):
    """The box in shares of the page's width and height, from the top left."""

    text = serializers.CharField()
    x0 = serializers.FloatField()
    y0 = serializers.FloatField()
    x1 = serializers.FloatField()
    y1 = serializers.FloatField()
    confidence = serializers.FloatField()


class PageShape(PageText):
    version = serializers.IntegerField()
    width = serializers.FloatField(help_text="points")
    height = serializers.FloatField(help_text="points")
    words = WordShape(many=True)


class TextView(DocumentView):
    """`GET /documents/{id}/text/`"""

    @extend_schema(operation_id="documents_text", parameters=[VERSION], responses=TextShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """All that was read. 404 `not_read` while nothing was."""
        found = pages.text(self.document(pk), fields.whole_number(request.query_params, "version"))
        return Response(
            {
                "text": found.whole,
                "pages": [
                    {"number": page.number, "text": page.text, "confidence": page.confidence} for page in found.pages
                ],
                "version": found.version.number,
            }
        )


class PageView(DocumentView):
    """`GET /documents/{id}/pages/{n}/`"""

    @extend_schema(operation_id="documents_page", parameters=[VERSION], responses=PageShape)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """One page: its text, its confidence, and its words with their boxes."""
        version = pages.readable(self.document(pk), fields.whole_number(request.query_params, "version"))
        page = pages.page(version, number)
        said = {"number": number, "text": page.text, "confidence": page.confidence, "version": version.number}
        return Response(said | showing.words(version, number))


class PageImageView(DocumentView):
    """`GET /documents/{id}/pages/{n}/image/`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(
        operation_id="documents_page_image",
        parameters=[VERSION, WIDTH],
        responses={(200, "image/png"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        """One page as PNG. 404 `no_image` for files that have no pages to show, such as plain text."""
        version = pages.shown(self.document(pk), fields.whole_number(request.query_params, "version"))
        number, width = pages.in_bounds(version, number), width_of(request)
        etag = f'"{showing.tag(version, number, width=width)}"'
        if downloads.is_known(request._request, etag):
            answer = HttpResponse(status=304, content_type="image/png")
        else:
            answer = HttpResponse(showing.picture(version, number, width=width), content_type="image/png")
        answer["ETag"] = etag
        answer["Cache-Control"] = "private, max-age=300"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


def width_of(request: Request) -> int:
    """The asked width in pixels, within bounds and rounded up to a step."""
    asked = fields.whole_number(request.query_params, "width") or USUAL
    return min(WIDEST, max(NARROWEST, -(-asked // STEP) * STEP))
