"""Runs: what there is, starting them, where they stand, and control over them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import places
from accounts.rest.negotiation import AnswersOneKind
from accounts.rest.pagination import KeysetPagination
from documents.api.fields import idempotency_key
from workflows import control, graphs, migrating, outside, presentation, starting_once
from workflows.api import asking
from workflows.api import run_shapes as shapes
from workflows.api.doors import HOUSE, WorkflowView
from workflows.models import InstanceStatus

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="sent again within 24 hours, the same run is answered",
)
FILTERS = [
    OpenApiParameter(
        "status",
        enum=[*InstanceStatus.values, "alive"],
        description="several by comma; `alive`: not ended",
        explode=False,
        many=True,
    ),
    OpenApiParameter("definition", description="key"),
    OpenApiParameter("version", OpenApiTypes.INT),
    OpenApiParameter("document", OpenApiTypes.UUID),
    OpenApiParameter("department", description="key"),
    OpenApiParameter("outcome"),
    OpenApiParameter("breached", OpenApiTypes.BOOL),
    OpenApiParameter("started_by", description="user name"),
    OpenApiParameter("started_after", OpenApiTypes.DATETIME),
    OpenApiParameter("started_before", OpenApiTypes.DATETIME),
    OpenApiParameter("parent", OpenApiTypes.UUID, description="its subflows"),
    OpenApiParameter("limit", OpenApiTypes.INT),
    OpenApiParameter("cursor"),
]


class RunPagination(KeysetPagination):
    """The newest first."""

    ordering = ("-started_at", "-id")


class RunsView(WorkflowView):
    """`GET·POST /workflows/instances/`"""

    @extend_schema(operation_id="workflow_instances_list", parameters=FILTERS, responses=shapes.RunShape(many=True))
    def get(self, request: Request) -> Response:
        """The runs that you see, newest first."""
        pages = RunPagination()
        found = pages.paginate_queryset(asking.instances(request.query_params, rights=self.rights), request, view=self)
        return pages.get_paginated_response(presentation.instances_as_json(found, self.rights))

    @extend_schema(
        operation_id="workflow_instances_start",
        parameters=[IDEMPOTENCY_KEY, places.LOCATION],
        request=shapes.StartShape,
        responses={201: shapes.OneRunShape},
    )
    def post(self, request: Request) -> Response:
        """Start the published version on a document, or on none. 409 `already_runs`, `does_not_apply`."""
        said = self.sent(shapes.StartShape)
        started = starting_once.start(
            asked=idempotency_key(request, "workflows"),
            rights=self.rights,
            by=self.caller,
            key=said["definition"],
            document_id=said.get("document"),
            variables=said.get("variables"),
            note=said.get("note", ""),
            door="api",
            after=[(one["kind"], one["id"]) for one in said.get("after", ())],
        )
        where = places.at(f"workflows/instances/{started.pk}/")
        return Response(presentation.instance_as_json(started, self.rights), status=201, headers=where)


class OneRunView(WorkflowView):
    """What the views of one run share."""

    def answer(self, pk: UUID) -> Response:
        return Response(presentation.instance_as_json(self.instance(pk), self.rights))

    def deed(self, pk: UUID) -> dict[str, Any]:
        """What control is given."""
        return {"instance_id": pk, "by": self.caller, "rights": self.rights}


class RunView(OneRunView):
    """`GET /workflows/instances/{id}/`"""

    @extend_schema(operation_id="workflow_instances_retrieve", responses=shapes.OneRunShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """One run: why it was started, its variables and results, where it stands, what failed, what it asks."""
        return self.answer(pk)


class GraphView(WorkflowView):
    """`GET /workflows/instances/{id}/graph.svg`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(
        operation_id="workflow_instances_graph",
        parameters=[OpenApiParameter("language", enum=["en", "ml"])],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """The definition as a picture, with where the run stands."""
        language = asking.one_of(request.query_params, "language", ["en", "ml"]) or "en"
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        }
        picture = graphs.of_run(self.instance(pk), language=language)
        return HttpResponse(picture, content_type="image/svg+xml; charset=utf-8", headers=headers)


class PauseView(OneRunView):
    """`POST /workflows/instances/{id}/pause/`"""

    @extend_schema(operation_id="workflow_instances_pause", request=shapes.WhyShape, responses=shapes.OneRunShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Let nothing move until somebody resumes it. 409 `illegal_move` when it is paused or has ended."""
        control.pause(**self.deed(pk), **self.sent(shapes.WhyShape))
        return self.answer(pk)


class ResumeView(OneRunView):
    """`POST /workflows/instances/{id}/resume/`"""

    @extend_schema(operation_id="workflow_instances_resume", request=shapes.WhyShape, responses=shapes.OneRunShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Let it move again. 409 `illegal_move` when it is not paused."""
        control.resume(**self.deed(pk), **self.sent(shapes.WhyShape))
        return self.answer(pk)


class CancelView(OneRunView):
    """`POST /workflows/instances/{id}/cancel/`"""

    @extend_schema(operation_id="workflow_instances_cancel", request=shapes.WhyShape, responses=shapes.OneRunShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """End it here: its tasks are closed, its work is stopped. 409 `illegal_move` when it has ended."""
        control.cancel(**self.deed(pk), **self.sent(shapes.WhyShape))
        return self.answer(pk)


class RetryView(OneRunView):
    """`POST /workflows/instances/{id}/retry/`"""

    @extend_schema(operation_id="workflow_instances_retry", request=shapes.RetryShape, responses=shapes.OneRunShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Try again what failed. 409 `illegal_move` when nothing stands at an incident."""
        control.retry(**self.deed(pk), **self.sent(shapes.RetryShape))
        return self.answer(pk)


class SkipView(OneRunView):
    """`POST /workflows/instances/{id}/skip/`"""

    @extend_schema(operation_id="workflow_instances_skip", request=shapes.SkipShape, responses=shapes.OneRunShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Go on as if what failed had ended with this outcome. 409 `illegal_move` as for a retry."""
        control.skip(**self.deed(pk), **self.sent(shapes.SkipShape))
        return self.answer(pk)


class DependenciesView(OneRunView):
    """`POST /workflows/instances/{id}/dependencies/`"""

    @extend_schema(
        operation_id="workflow_instances_wait", request=shapes.WaitShape, responses={201: shapes.OneRunShape}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Let it wait for another run's end, or until a document is read, also while it is at work.

        409 `waits_for_itself` when that would be a circle, `illegal_move` when it has ended, when what it would wait
        for has happened already, or when it waits for that already.
        """
        said = self.sent(shapes.WaitShape)
        control.wait_for(**self.deed(pk), kind=said["kind"], other=said["id"], why=said.get("why", ""))
        return Response(self.answer(pk).data, status=201)


class DependencyView(OneRunView):
    """`DELETE /workflows/instances/{id}/dependencies/{n}/`"""

    @extend_schema(
        operation_id="workflow_instances_stop_waiting",
        parameters=[OpenApiParameter("why", description="for the history")],
        responses={200: shapes.OneRunShape},
    )
    def delete(self, request: Request, pk: UUID, number: int) -> Response:
        """Let it wait for this no more; after the last it goes on. 409 `illegal_move` when it has happened."""
        control.stop_waiting(**self.deed(pk), dependency=number, why=request.query_params.get("why", ""))
        return self.answer(pk)


class MigrateView(WorkflowView):
    """`POST /workflows/instances/{id}/migrate/`"""

    permission_classes = HOUSE

    @extend_schema(operation_id="workflow_instances_migrate", request=shapes.MoveShape, responses=shapes.PlanShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Let it go on in another version (409 `do_not_fit` with the reasons); `dry_run` only looks."""
        said, run = self.sent(shapes.MoveShape), self.instance(pk)
        what = {"definition": run.definition, "to": said["to"], "instances": [pk], "mapping": said.get("mapping")}
        if said.get("dry_run"):
            return Response(presentation.plan_as_json(migrating.plan(**what), moved=False))
        done = migrating.migrate(**what, by=self.caller, rights=self.rights, why=said.get("why", ""))
        return Response(presentation.plan_as_json(done, moved=True))


class HappenedView(WorkflowView):
    """`POST /workflows/events/`"""

    @extend_schema(
        operation_id="workflow_events_send", request=shapes.HappenedShape, responses={202: shapes.HeardShape}
    )
    def post(self, request: Request) -> Response:
        """Tell runs that wait for it (`wait_event`) what happened outside. Needs the scope `control`."""
        told = outside.send(**self.sent(shapes.HappenedShape), by=self.caller, rights=self.rights)
        return Response({"waiting": told}, status=202)
