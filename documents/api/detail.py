"""One document."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from documents import presentation
from documents.api.doors import DocumentView
from documents.api.shapes import DocumentShape


class DetailView(DocumentView):
    """`GET /documents/{id}/`"""

    @extend_schema(operation_id="documents_retrieve", responses=DocumentShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """One document."""
        return Response(presentation.as_json(self.document(pk), self.rights))
