"""Definitions: what there is, checking, publishing and trying them. Only administrators write."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.refusals import NotFound
from accounts.rest import places
from accounts.rest.negotiation import AnswersOneKind
from accounts.rest.pagination import KeysetPagination
from accounts.rest.parameters import flag
from workflows import migrating, past, trying
from workflows.api import asking, run_shapes
from workflows.api import definition_shapes as shapes
from workflows.api.doors import HOUSE, WorkflowView
from workflows.definitions import exchange, publishing, schema, shown
from workflows.models import Category
from workflows.presentation import plan_as_json

TYPES = {"yaml": "application/yaml", "json": "application/json", "bpmn": "application/xml"}
USUAL = 500
PREFER = OpenApiParameter(
    "Prefer",
    location=OpenApiParameter.HEADER,
    description="`respond-async`: by a worker however few documents",
)


class DefinitionPagination(KeysetPagination):
    ordering = ("key",)


class DefinitionsView(WorkflowView):
    """`GET·POST /workflows/definitions/`"""

    @property
    def permission_classes(self) -> list[Any]:  # type: ignore[override]
        return HOUSE if self.request is not None and self.request.method == "POST" else HOUSE[:1]

    @extend_schema(
        operation_id="workflow_definitions_list",
        parameters=[
            OpenApiParameter("category", enum=Category.values),
            OpenApiParameter("active", OpenApiTypes.BOOL),
            OpenApiParameter("limit", OpenApiTypes.INT),
            OpenApiParameter("cursor"),
        ],
        responses=shapes.DefinitionShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """The workflows of the house; auditors and administrators also see drafts and what is retired."""
        found = shown.visible_to(self.rights)
        if category := asking.one_of(request.query_params, "category", Category.values):
            found = found.filter(category=category)
        if request.query_params.get("active"):
            found = found.filter(active=flag(request.query_params, "active"))
        pages = DefinitionPagination()
        page = pages.paginate_queryset(found.defer("draft"), request, view=self)
        return pages.get_paginated_response([shown.definition_as_json(one) for one in page])

    @extend_schema(
        operation_id="workflow_definitions_draft",
        parameters=[places.LOCATION],
        request=shapes.TextShape,
        responses={201: shapes.OneDefinitionShape},
    )
    def post(self, request: Request) -> Response:
        """Keep a text as the draft of the definition whose key it has, with errors or without; a new key makes one."""
        kept = publishing.save_draft(source=self.sent(shapes.TextShape)["source"], by=self.caller)
        where = places.at(f"workflows/definitions/{kept.key}/")
        return Response(shown.one_as_json(kept, self.rights), status=201, headers=where)


class DefinitionSchemaView(WorkflowView):
    """`GET /workflows/definitions/schema/`"""

    @extend_schema(operation_id="workflow_definitions_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The language as JSON Schema, for editors."""
        return Response(schema.of_definitions())


class DefinitionView(WorkflowView):
    """`GET·PATCH /workflows/definitions/{key}/`"""

    @property
    def permission_classes(self) -> list[Any]:  # type: ignore[override]
        return HOUSE if self.request is not None and self.request.method == "PATCH" else HOUSE[:1]

    @extend_schema(operation_id="workflow_definitions_retrieve", responses=shapes.OneDefinitionShape)
    def get(self, request: Request, key: str) -> Response:
        """One with its versions; auditors and administrators also see its draft."""
        return Response(shown.one_as_json(shown.named(key, self.rights), self.rights))

    @extend_schema(
        operation_id="workflow_definitions_switch", request=shapes.ActiveShape, responses=shapes.OneDefinitionShape
    )
    def patch(self, request: Request, key: str) -> Response:
        """Whether its triggers are looked at and it may be started. What runs goes on."""
        shown.named(key, self.rights)
        kept = publishing.set_active(key=key, active=self.sent(shapes.ActiveShape)["active"], by=self.caller)
        return Response(shown.one_as_json(kept, self.rights))


class VersionView(WorkflowView):
    """`GET /workflows/definitions/{key}/versions/{n}/`"""

    @extend_schema(operation_id="workflow_definitions_version", responses=shapes.DefinitionVersionShape)
    def get(self, request: Request, key: str, number: int) -> Response:
        """One version: its text, and the body that runs, with every default."""
        return Response(shown.version_as_json(shown.version(key, number, self.rights)))


class ExportView(WorkflowView):
    """`GET /workflows/definitions/{key}/versions/{n}/export.{kind}`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(
        operation_id="workflow_definitions_export",
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(TYPES))],
        responses={(200, "application/yaml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, key: str, number: int, kind: str) -> HttpResponse:
        """One version as a file to take away: YAML or JSON to bring back, BPMN to look at."""
        if kind not in TYPES:
            raise NotFound(f"Export as {', '.join(TYPES)}.")
        version = shown.version(key, number, self.rights)
        name = f'attachment; filename="{version.definition.key}-{number}.{kind}"'
        headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
        return HttpResponse(
            exchange.export(version, kind), content_type=f"{TYPES[kind]}; charset=utf-8", headers=headers
        )


class ValidateView(WorkflowView):
    """`POST /workflows/definitions/{key}/validate/`"""

    permission_classes = HOUSE

    @extend_schema(
        operation_id="workflow_definitions_validate",
        request=shapes.OptionalTextShape,
        responses=shapes.ValidatedShape,
    )
    def post(self, request: Request, key: str) -> Response:
        """Everything that is wrong with a text, or with the draft: where, what, and what to do. Keeps nothing."""
        said = self.sent(shapes.OptionalTextShape)
        problems = publishing.problems_under(key, said.get("source"))
        valid = all(problem.level != "error" for problem in problems)
        return Response({"valid": valid, "problems": [shown.problem_as_json(one) for one in problems]})


class PublishView(WorkflowView):
    """`POST /workflows/definitions/{key}/publish/`"""

    permission_classes = HOUSE

    @extend_schema(
        operation_id="workflow_definitions_publish",
        parameters=[places.LOCATION],
        request=shapes.PublishShape,
        responses={201: shapes.DefinitionVersionShape},
    )
    def post(self, request: Request, key: str) -> Response:
        """Make the draft, or a text, the next version. 422 `not_publishable` with `errors`, 409 `unchanged`."""
        said = self.sent(shapes.PublishShape)
        if "source" not in said:
            shown.named(key, self.rights)
        version = publishing.publish(key=key, by=self.caller, note=said.get("note", ""), source=said.get("source"))
        where = places.at(f"workflows/definitions/{key}/versions/{version.number}/")
        return Response(shown.version_as_json(version), status=201, headers=where)


class DryRunView(WorkflowView):
    """`POST /workflows/definitions/{key}/dry-run/`"""

    permission_classes = HOUSE

    @extend_schema(
        operation_id="workflow_definitions_dry_run",
        parameters=[PREFER, places.LOCATION],
        request=shapes.DryRunShape,
        responses={200: shapes.ReportShape, 202: shapes.TryShape},
    )
    def post(self, request: Request, key: str) -> Response:
        """What a text, or the draft, would have done with the last documents, beside what was done. Changes nothing.

        Up to 500 documents are answered at once. More are tried by a worker: 202 with its `url` (also `Location`),
        `job.progress` as it goes, `workflow.tried` at the end.
        """
        said = self.sent(shapes.DryRunShape)
        body = publishing.body_under(key, said.get("source"))
        last, department = said.get("last", USUAL), said.get("department")
        if last <= trying.AT_ONCE and "respond-async" not in request.headers.get("Prefer", ""):
            return Response(past.dry_run(body, last=last, department=department, rights=self.rights).said())
        source = publishing.text_under(key, said.get("source"))
        trial = trying.begin(key=key, source=source, last=last, department=department, by=self.caller)
        told = trying.as_json(trial, self.rights)
        return Response(told, status=202, headers={"Location": told["url"]})


class TrialView(WorkflowView):
    """`GET /workflows/dry-runs/{id}/`"""

    permission_classes = HOUSE

    @extend_schema(operation_id="workflow_dry_runs_retrieve", responses=shapes.TryShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far a worker is with trying a definition on the past; then what it found, for a week."""
        return Response(trying.as_json(trying.one(pk, self.rights), self.rights))


class CancelTrialView(WorkflowView):
    """`POST /workflows/dry-runs/{id}/cancel/`"""

    permission_classes = HOUSE

    @extend_schema(operation_id="workflow_dry_runs_cancel", request=None, responses=shapes.TryShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop it. 409 `illegal_move` when it has ended."""
        return Response(trying.as_json(trying.cancel(pk=pk, by=self.caller, rights=self.rights), self.rights))


class MigrateManyView(WorkflowView):
    """`POST /workflows/definitions/{key}/migrate/`"""

    permission_classes = HOUSE

    @extend_schema(
        operation_id="workflow_definitions_migrate", request=run_shapes.MoveManyShape, responses=run_shapes.PlanShape
    )
    def post(self, request: Request, key: str) -> Response:
        """Move runs to another version, all of them or none (409 `do_not_fit`); `dry_run` only looks."""
        said = self.sent(run_shapes.MoveManyShape)
        what = {
            "definition": shown.named(key, self.rights),
            "to": said["to"],
            "instances": said.get("instances"),
            "mapping": said.get("mapping"),
        }
        if said.get("dry_run"):
            return Response(plan_as_json(migrating.plan(**what), moved=False))
        done = migrating.migrate(**what, by=self.caller, rights=self.rights, why=said.get("why", ""))
        return Response(plan_as_json(done, moved=True))
