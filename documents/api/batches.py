"""Many files in one call, and how far they are."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import places
from accounts.rest.negotiation import AnswersOneKind
from accounts.rest.parsing import FormParser
from documents import batch_report, batches, presentation
from documents.api import fields
from documents.api.doors import DocumentView, UploadThrottle
from documents.api.shapes import BatchReceiptShape, BatchShape, BatchUploadShape
from documents.api.uploads import IDEMPOTENCY_KEY, form_of, sent_files, upload_of
from documents.models import Batch, Document


class BatchView(DocumentView):
    """What the views of a batch say of it."""

    def receipt(self, batch: Batch) -> dict[str, Any]:
        documents = presentation.with_newest(Document.objects.visible_to(self.rights).filter(batch=batch))
        return {
            "id": batch.pk,
            "documents": presentation.many_as_json(documents.order_by("uploaded_at", "id"), self.rights),
            "refused": [
                {"filename": one.filename, "code": one.code, "detail": one.detail}
                for one in batch.refused.order_by("pk")
            ],
        }

    def progress(self, batch: Batch) -> Response:
        found = batches.progress_of(batch, self.rights)
        told = {
            "total": found.total,
            "settled": found.settled,
            "failed": found.failed,
            "percent": found.percent,
            "by_status": found.by_status,
        }
        report = batch_report.as_json(batch_report.report_of(batch, self.rights))
        return Response(self.receipt(batch) | told | {"report": report})


class BatchUploadView(BatchView):
    """`POST /documents/batch/`"""

    parser_classes = [FormParser]
    throttle_classes = [UploadThrottle]

    @extend_schema(
        operation_id="documents_batch",
        parameters=[IDEMPOTENCY_KEY, places.LOCATION],
        request={"multipart/form-data": BatchUploadShape},
        responses={202: BatchReceiptShape},
    )
    def post(self, request: Request) -> Response:
        """Send many files. Each is taken in or refused by itself."""
        data = form_of(request)
        sent = sent_files(data, "files")
        if not sent:
            raise fields.wrong("files", "Send files in the field “files” of a multipart form.")
        if len(sent) > settings.MAX_BATCH_FILES:
            raise fields.wrong("files", f"These are {len(sent)} files; {settings.MAX_BATCH_FILES} at once is the most.")
        batch = batches.submit(
            [upload_of(file) for file in sent],
            by=self.caller,
            rights=self.rights,
            source=fields.text(data, "source", longest=40),
            department=fields.text(data, "department", longest=40) or None,
            priority=fields.priority(data),
            metadata=fields.metadata(data),
            document_date=fields.day(data, "document_date"),
            key=fields.idempotency_key(request, "batch"),
        )
        return Response(self.receipt(batch), status=202, headers=places.at(f"batches/{batch.pk}/"))


class BatchDetailView(BatchView):
    """`GET /batches/{id}/`"""

    @extend_schema(operation_id="batches_retrieve", responses=BatchShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far a batch is, with its documents and what was refused."""
        return self.progress(batches.seen(pk, self.rights))


class BatchReportView(BatchView):
    """`GET /batches/{id}/report.csv`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(operation_id="batches_report", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """What became of every file, as a table for a spreadsheet."""
        report = batch_report.report_of(batches.seen(pk, self.rights), self.rights)
        return HttpResponse(
            batch_report.as_csv(report),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="batch-{pk}.csv"',
                "Cache-Control": "private, no-store",
            },
        )


class BatchCancelView(BatchView):
    """`POST /batches/{id}/cancel/`"""

    @extend_schema(operation_id="batches_cancel", request=None, responses=BatchShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop what waits and runs. 409 `illegal_move` when nothing is left to stop."""
        batch = batches.seen(pk, self.rights)
        batches.cancel(batch, by=self.caller, rights=self.rights)
        return self.progress(batch)
