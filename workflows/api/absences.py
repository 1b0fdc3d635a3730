"""Who is away, and who decides instead."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.refusals import NotFound
from accounts.rest import places
from accounts.rest.pagination import KeysetPagination
from workflows import absences
from workflows.api import task_shapes as shapes
from workflows.api.doors import WorkflowView, person
from workflows.models import Absence


class AbsencePagination(KeysetPagination):
    ordering = ("-first_day", "-id")


class AbsencesView(WorkflowView):
    """`GET·POST /workflows/absences/`"""

    @extend_schema(
        operation_id="workflow_absences_list",
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor")],
        responses=shapes.AbsenceShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Yours, those whose deputy you are, and those of your people."""
        pages = AbsencePagination()
        found = pages.paginate_queryset(absences.visible_to(self.rights), request, view=self)
        return pages.get_paginated_response([as_json(one) for one in found])

    @extend_schema(
        operation_id="workflow_absences_enter",
        parameters=[places.LOCATION],
        request=shapes.AbsenceSentShape,
        responses={201: shapes.AbsenceShape},
    )
    def post(self, request: Request) -> Response:
        """Say when you, or one of your people, are away, and who decides meanwhile. 409 `overlaps`."""
        said = self.sent(shapes.AbsenceSentShape)
        user = person(said["user"], "user") if "user" in said else self.caller
        kept = absences.enter(user=user, **wishes(said), by=self.caller, rights=self.rights)
        return Response(as_json(kept), status=201, headers=places.at(f"workflows/absences/{kept.pk}/"))


class AbsenceView(WorkflowView):
    """`GET·PUT·DELETE /workflows/absences/{id}/`"""

    @extend_schema(operation_id="workflow_absences_retrieve", responses=shapes.AbsenceShape)
    def get(self, request: Request, pk: int) -> Response:
        """One of those that you see."""
        found = absences.visible_to(self.rights).filter(pk=pk).first()
        if found is None:
            raise NotFound("There is no such absence that you may see.")
        return Response(as_json(found))

    @extend_schema(
        operation_id="workflow_absences_change", request=shapes.AbsenceDaysShape, responses=shapes.AbsenceShape
    )
    def put(self, request: Request, pk: int) -> Response:
        """Other days, or another deputy."""
        said = self.sent(shapes.AbsenceDaysShape)
        kept = absences.change(absence_id=pk, **wishes(said), by=self.caller, rights=self.rights)
        return Response(as_json(kept))

    @extend_schema(operation_id="workflow_absences_remove", request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Here after all. What the deputy decided stays."""
        absences.remove(absence_id=pk, by=self.caller, rights=self.rights)
        return Response(status=204)


def wishes(said: dict[str, Any]) -> dict[str, Any]:
    deputy = said.get("deputy")
    return {
        "first_day": said["first_day"],
        "last_day": said["last_day"],
        "deputy": person(deputy, "deputy") if deputy else None,
        "note": said.get("note", ""),
    }


def as_json(absence: Absence) -> dict[str, Any]:
    return {
        "id": absence.pk,
        "user": absence.user.get_username(),
        "first_day": absence.first_day,
        "last_day": absence.last_day,
        "deputy": absence.deputy.get_username() if absence.deputy else None,
        "note": absence.note,
    }
