"""One document: look, correct, throw away, bring back, stop, read again."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import history
from accounts.models import HistoryEntry
from accounts.rest import places
from accounts.rest.pagination import KeysetPagination
from accounts.rights import Action
from documents import bin, control, corrections, presentation
from documents.api import fields
from documents.api.doors import DocumentView
from documents.api.shapes import CorrectionShape, DocumentShape, HistoryShape
from documents.models import Access, Document, DocumentType


class OneView(DocumentView):
    """A view whose answer is the document as it is now; 202 tells where to look how far it is."""

    def said(self, document: Document, status: int = 200) -> Response:
        fresh = presentation.with_relations(Document.objects.filter(pk=document.pk)).get()
        where = places.at(f"documents/{document.pk}/") if status == HTTPStatus.ACCEPTED else None
        return Response(presentation.as_json(fresh, self.rights), status=status, headers=where)


class DetailView(OneView):
    """`GET`, `PATCH` and `DELETE /documents/{id}/`"""

    @extend_schema(operation_id="documents_retrieve", responses=DocumentShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """One document."""
        return Response(presentation.as_json(self.document(pk), self.rights))

    @extend_schema(operation_id="documents_correct", request=CorrectionShape, responses=DocumentShape)
    def patch(self, request: Request, pk: UUID) -> Response:
        """Correct what is known of it; who sees it is changed by `access` and `people`. History keeps what was."""
        document = self.document(pk, action=Action.CORRECT)
        changes = parsed(request.data)
        return self.said(
            corrections.correct(document_id=document.pk, changes=changes, by=self.caller, rights=self.rights)
        )

    @extend_schema(operation_id="documents_discard", responses={200: DocumentShape})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Into the bin, for 30 days. Work on it is stopped."""
        document = self.document(pk, action=Action.CONTROL)
        return self.said(bin.discard(document_id=document.pk, by=self.caller, rights=self.rights))


class RestoreView(OneView):
    """`POST /documents/{id}/restore/`"""

    @extend_schema(operation_id="documents_restore", request=None, responses=DocumentShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Out of the bin."""
        document = self.document(pk, action=Action.CONTROL)
        return self.said(bin.restore(document_id=document.pk, by=self.caller, rights=self.rights))


class ReprocessView(OneView):
    """`POST /documents/{id}/reprocess/`"""

    @extend_schema(
        operation_id="documents_reprocess",
        parameters=[places.LOCATION],
        request=None,
        responses={202: DocumentShape},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Read the newest version again."""
        document = self.document(pk, action=Action.CONTROL)
        return self.said(control.reprocess(document_id=document.pk, by=self.caller, rights=self.rights), status=202)


class CancelView(OneView):
    """`POST /documents/{id}/cancel/`"""

    @extend_schema(operation_id="documents_cancel", request=None, responses=DocumentShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop the work on it, waiting or running. 409 `illegal_move` when there is none."""
        document = self.document(pk, action=Action.CONTROL)
        return self.said(control.cancel(document_id=document.pk, by=self.caller, rights=self.rights))


class HistoryPagination(KeysetPagination):
    ordering = ("sequence", "id")
    page_size = 200


class HistoryView(DocumentView):
    """`GET /documents/{id}/history/`"""

    pagination_class = HistoryPagination

    @extend_schema(operation_id="documents_history", responses=HistoryShape(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Who did what to it, oldest first."""
        document, pages = self.document(pk), HistoryPagination()
        found = pages.paginate_queryset(history.of("document", document.pk), request) or []
        return pages.get_paginated_response([_deed(entry) for entry in found])


def parsed(data: Any) -> dict[str, Any]:
    """The changes that a PATCH asks for. Raises Refusal, naming the field."""
    if not isinstance(data, dict):
        raise fields.wrong("body", "Send a JSON object.")
    if unknown := set(data) - set(PARSERS):
        raise fields.wrong(sorted(unknown)[0], f"These cannot be changed: {', '.join(sorted(unknown))}.")
    return {name: PARSERS[name](data) for name in data}


def _title(data: Any) -> str:
    if not (title := fields.title(data)):
        raise fields.wrong("title", "A document has a title.")
    return title


def _people(data: Any) -> list[str]:
    names = data["people"]
    if not isinstance(names, list) or len(names) > 500 or not all(isinstance(name, str) for name in names):
        raise fields.wrong("people", "Write a list of user names, at most 500.")
    return names


PARSERS = {
    "title": _title,
    "department": lambda data: fields.text(data, "department", longest=40) or None,
    "document_type": lambda data: fields.choice(data, "document_type", DocumentType.values),
    "document_date": lambda data: fields.day(data, "document_date"),
    "access": lambda data: fields.choice(data, "access", Access.values, needed=True),
    "people": _people,
    "priority": fields.priority,
    "metadata": fields.metadata,
}


def _deed(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "action": entry.action,
        "by": entry.actor_name,
        "at": entry.at,
        "before": entry.before,
        "after": entry.after,
        "note": entry.note,
    }
