"""The versions of a document."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.pagination import KeysetPagination
from accounts.rest.parsing import FormParser
from accounts.rest.places import LOCATION
from accounts.rights import Action
from documents import versions
from documents.api import fields
from documents.api.detail import OneView
from documents.api.doors import UploadThrottle
from documents.api.shapes import DocumentShape, VersionShape, VersionUploadShape
from documents.api.uploads import IDEMPOTENCY_KEY, form_of, sent_file, upload_of
from documents.models import Version


class VersionPagination(KeysetPagination):
    ordering = ("-number",)


class VersionsView(OneView):
    """`GET` and `POST /documents/{id}/versions/`"""

    pagination_class = VersionPagination
    parser_classes = [FormParser]
    throttle_classes = [UploadThrottle]

    @extend_schema(operation_id="documents_versions", responses=VersionShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """All versions, newest first."""
        document, pages = self.document(pk), VersionPagination()
        found = pages.paginate_queryset(document.versions.select_related("uploaded_by"), request) or []
        return pages.get_paginated_response([_said(version) for version in found])

    @extend_schema(
        operation_id="documents_versions_add",
        parameters=[IDEMPOTENCY_KEY, LOCATION],
        request={"multipart/form-data": VersionUploadShape},
        responses={202: DocumentShape},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """New bytes for this document. Text and search serve the last processed version until these are read."""
        document = self.document(pk, action=Action.UPLOAD)
        upload = upload_of(sent_file(form_of(request)))
        key = fields.idempotency_key(request, f"versions {pk}")
        added = versions.add(upload, document=document, by=self.caller, rights=self.rights, idempotency_key=key)
        return self.said(added, status=202)


def _said(version: Version) -> dict[str, Any]:
    error = {"code": version.error_code, "detail": version.error_detail} if version.error_code else None
    return {
        "version": version.number,
        "original_filename": version.original_filename,
        "content_type": version.content_type,
        "file_size": version.file_size,
        "sha256": version.blob_id,
        "upload_time": version.uploaded_at,
        "uploaded_by": version.uploaded_by.get_username(),
        "status": version.status,
        "page_count": version.page_count,
        "language": version.language,
        "confidence_score": version.confidence_score,
        "flags": version.flags,
        "error": error,
    }
