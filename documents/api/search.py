"""`GET /search/?q=`: ranked pages with highlighted snippets, and facets."""

from urllib.parse import urlencode

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.pagination import limit_of
from documents import looking, presentation, searching
from documents.api import fields
from documents.api.doors import DocumentView
from documents.api.listing import facts, people_and_times
from documents.api.shapes import DocumentShape
from documents.models import Document
from documents.visibility import DocumentQuerySet

QUESTION = "Words, “a phrase”, `or`, `-without`."
FILTERS = ("source", "status", "department", "language", "document_type", "priority", "uploaded_by")


class HitShape(serializers.Serializer):
    document = DocumentShape()
    page = serializers.IntegerField()
    rank = serializers.FloatField()
    snippet = serializers.CharField(help_text="HTML: escaped text, <mark> around the words")


class FoundShape(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = serializers.IntegerField()
    count_is_estimate = serializers.BooleanField()
    results = HitShape(many=True)
    facets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class SearchView(DocumentView):
    """`GET /search/`"""

    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description=QUESTION, required=True),
            *(OpenApiParameter(name, OpenApiTypes.STR, description="as in the list of documents") for name in FILTERS),
            *(OpenApiParameter(name, OpenApiTypes.DATETIME) for name in ("uploaded_after", "uploaded_before")),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="part of `next` and `previous`"),
            OpenApiParameter("limit", OpenApiTypes.INT),
        ],
        responses=FoundShape,
    )
    def get(self, request: Request) -> Response:
        """Pages that have the words, best first among the newest 2,000 that do."""
        question = fields.text(request.query_params, "q", longest=searching.LONGEST)
        start, limit = (
            fields.whole_number(request.query_params, "cursor") or 0,
            limit_of(request.query_params.get("limit", "")),
        )
        found = searching.search(self._searched(), question, start=start, limit=limit)
        rows = presentation.with_relations(Document.objects.filter(pk__in={hit.document for hit in found.hits}))
        documents = {said["id"]: said for said in presentation.many_as_json(rows, self.rights)}
        looking.note_all(rows, by=self.caller, rights=self.rights)  # a snippet shows what it says
        return Response(
            {
                "next": self._link(start + limit) if start + limit < found.count else None,
                "previous": self._link(max(0, min(start, found.count) - limit)) if start and found.count else None,
                "count": found.count,
                "count_is_estimate": found.at_least,
                "results": [
                    {"document": documents[hit.document], "page": hit.page, "rank": hit.rank, "snippet": hit.snippet}
                    for hit in found.hits
                    if hit.document in documents  # else it has gone meanwhile
                ],
                "facets": found.facets,
            }
        )

    def _searched(self) -> DocumentQuerySet:
        asked, seen = self.request.query_params, Document.objects.visible_to(self.rights).outside_bin()
        return seen.filter(facts(asked), **people_and_times(asked, self.caller))

    def _link(self, start: int) -> str:
        query = [pair for pair in self.request.query_params.lists() if pair[0] != "cursor"]
        query.append(("cursor", [str(start)]))
        return f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(query, doseq=True)}"
