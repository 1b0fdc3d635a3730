"""The list of documents, and my work in progress."""

from typing import Any

from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department, User
from accounts.rest import parameters
from accounts.rest.pagination import KeysetPagination
from documents import presentation
from documents.api import fields
from documents.api.doors import DocumentView
from documents.api.shapes import DocumentShape, InWorkShape
from documents.models import Document, DocumentType, Language, Source, Status
from documents.models.document import IN_WORK
from documents.searching import counted_to, filter_by_words, most_found
from documents.visibility import DocumentQuerySet
from jobs import place
from jobs.models import PRIORITIES

ORDERINGS = {
    "-upload_time": ("-uploaded_at", "-id"),
    "upload_time": ("uploaded_at", "id"),
    "title": ("title", "id"),
    "-title": ("-title", "-id"),
    "priority": ("priority", "-id"),
    "-priority": ("-priority", "id"),
    "-document_date": ("-document_date", "-id"),
    "document_date": ("document_date", "id"),
}
FILTERS = [
    OpenApiParameter("source", description="key; several by comma"),
    OpenApiParameter("status", enum=Status.values, description="several by comma", explode=False, many=True),
    OpenApiParameter("department", description="key; several by comma; “none” for those in none"),
    OpenApiParameter("language", enum=Language.values),
    OpenApiParameter("document_type", enum=DocumentType.values),
    OpenApiParameter("priority", enum=list(PRIORITIES), description="several by comma", explode=False, many=True),
    OpenApiParameter("uploaded_by", description="user name, or “me”"),
    OpenApiParameter("uploaded_after", OpenApiTypes.DATETIME),
    OpenApiParameter("uploaded_before", OpenApiTypes.DATETIME),
    OpenApiParameter("q", description="words in the text"),
    OpenApiParameter("bin", OpenApiTypes.BOOL, description="what lies in the bin instead"),
    OpenApiParameter("ordering", enum=list(ORDERINGS)),
    OpenApiParameter("limit", OpenApiTypes.INT),
    OpenApiParameter("cursor"),
]


class DocumentPagination(KeysetPagination):
    ordering = ORDERINGS["-upload_time"]


class InWorkPagination(KeysetPagination):
    ordering = ("uploaded_at", "id")
    page_size = 200


class ListView(DocumentView):
    """`GET /documents/`"""

    @property
    def ordering(self) -> tuple[str, ...]:
        wanted = self.request.query_params.get("ordering") or "-upload_time"
        if wanted not in ORDERINGS:
            raise fields.wrong("ordering", f"Write one of {', '.join(ORDERINGS)}.")
        return ORDERINGS[wanted]

    @property
    def counted_to(self) -> int | None:
        return counted_to(self.request.query_params.get("q", ""))

    def counted_most(self) -> int | None:
        return most_found(self.request.query_params.get("q", ""))

    @extend_schema(operation_id="documents_list", parameters=FILTERS, responses=DocumentShape(many=True))
    def get(self, request: Request) -> Response:
        """The documents that you see, newest first."""
        pages = DocumentPagination()
        found = pages.paginate_queryset(self.documents(), request, view=self) or []
        return pages.get_paginated_response(presentation.many_as_json(found, self.rights))

    def documents(self) -> DocumentQuerySet:
        asked = self.request.query_params
        binned = parameters.flag(asked, "bin")
        seen = Document.objects.visible_to(self.rights)
        seen = presentation.with_newest(seen.in_bin() if binned else seen.outside_bin())
        seen = seen.filter(facts(asked), **people_and_times(asked, self.caller))
        if words := asked.get("q", "").strip():
            seen = filter_by_words(seen, words)
        return seen


class InWorkView(DocumentView):
    """`GET /documents/processing-status/`"""

    pagination_class = InWorkPagination

    @extend_schema(operation_id="documents_processing_status", responses=InWorkShape(many=True))
    def get(self, request: Request) -> Response:
        """My documents in work, oldest first: place in the queue, progress, step, expected seconds left."""
        mine = Document.objects.visible_to(self.rights).outside_bin()
        mine = mine.filter(uploaded_by=self.caller, status__in=IN_WORK)
        pages = InWorkPagination()
        documents = pages.paginate_queryset(presentation.with_newest(mine), request) or []
        said = presentation.many_as_json(documents, self.rights)
        for document, one in zip(documents, said, strict=True):
            one["place"] = place.place_of(document.job) if document.job else None
            one["eta"] = place.eta_of(document.job) if document.job else None
        return pages.get_paginated_response(said)


def people_and_times(asked: Any, caller: User) -> dict[str, Any]:
    """The filters by who sent a document, and when."""
    found: dict[str, Any] = {}
    if name := asked.get("uploaded_by"):
        found["uploaded_by"] = caller if name == "me" else User.objects.filter(username=name).first() or -1
    if after := asked.get("uploaded_after"):
        found["uploaded_at__gte"] = fields.moment(after, "uploaded_after")
    if before := asked.get("uploaded_before"):
        found["uploaded_at__lt"] = fields.moment(before, "uploaded_before")
    return found


def facts(asked: Any) -> Q:
    """The filters by what a document is; integer keys of sources and departments serve the indexes."""
    found = Q()
    if keys := _listed(asked, "source"):
        found &= Q(source_id__in=list(Source.objects.filter(key__in=keys).values_list("pk", flat=True)))
    if keys := _listed(asked, "department"):
        within = Q(department_id__in=list(Department.objects.filter(key__in=keys).values_list("pk", flat=True)))
        found &= within | Q(department=None) if "none" in keys else within
    for name, known in (("status", Status), ("language", Language), ("document_type", DocumentType)):
        if values := _listed(asked, name):
            if unknown := set(values) - set(known.values):
                raise fields.wrong(name, f"There is no {', '.join(sorted(unknown))}.")
            found &= Q(**{f"{name}__in": values})
    if values := _listed(asked, "priority"):
        found &= Q(priority__in=[fields.priority({"priority": value}) for value in values])
    return found


def _listed(asked: Any, name: str) -> list[str]:
    """As `parameters.listed`. "en+ml" may arrive as "en ml"."""
    values = parameters.listed(asked, name)
    return [value.replace(" ", "+") for value in values] if name == "language" else values
