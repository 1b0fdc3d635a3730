"""What people are asked, and what they answer."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.pagination import KeysetPagination
from workflows import acknowledging, approvals, presentation
from workflows.api import asking
from workflows.api import task_shapes as shapes
from workflows.api.doors import WorkflowView, person
from workflows.models import TaskKind, TaskState

DOOR = "api"
MINE = "decisions that wait for you; with `kind=acknowledge` what you have still to confirm"
FILTERS = [
    OpenApiParameter("mine", OpenApiTypes.BOOL, description=MINE),
    OpenApiParameter("state", enum=TaskState.values, description="several by comma", explode=False, many=True),
    OpenApiParameter("kind", enum=TaskKind.values),
    OpenApiParameter("definition", description="key"),
    OpenApiParameter("instance", OpenApiTypes.UUID),
    OpenApiParameter("document", OpenApiTypes.UUID),
    OpenApiParameter("department", description="key"),
    OpenApiParameter("assignee", description="user name, or “me”"),
    OpenApiParameter("overdue", OpenApiTypes.BOOL),
    OpenApiParameter("limit", OpenApiTypes.INT),
    OpenApiParameter("cursor"),
]


class TaskPagination(KeysetPagination):
    """What is due first."""

    ordering = ("due_at", "id")


class TasksView(WorkflowView):
    """`GET /workflows/tasks/`"""

    @extend_schema(operation_id="workflow_tasks_list", parameters=FILTERS, responses=shapes.TaskShape(many=True))
    def get(self, request: Request) -> Response:
        """Tasks that you see, decided ones included; what is due comes first."""
        pages = TaskPagination()
        asked = asking.tasks(request.query_params, rights=self.rights, caller=self.caller)
        found = pages.paginate_queryset(asked, request, view=self)
        return pages.get_paginated_response(presentation.tasks_as_json(found, self.rights))


class OneTaskView(WorkflowView):
    """What the views of one task share."""

    def answer(self, pk: UUID) -> Response:
        task = self.task(pk)
        said: dict[str, Any] = presentation.task_as_json(task, self.rights)
        return Response(said | {"confirmations": presentation.confirmations_as_json(task)})

    def deed(self, pk: UUID) -> dict[str, Any]:
        """What every deed is given."""
        return {"task_id": pk, "by": self.caller, "rights": self.rights}


class TaskView(OneTaskView):
    """`GET /workflows/tasks/{id}/`"""

    @extend_schema(operation_id="workflow_tasks_retrieve", responses=shapes.OneTaskShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """One task with its question, candidates, decisions and comments, and what you can do with it."""
        return self.answer(pk)


class ClaimView(OneTaskView):
    """`POST /workflows/tasks/{id}/claim/`"""

    @extend_schema(operation_id="workflow_tasks_claim", request=shapes.ClaimShape, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Take it. 409 `already_claimed` when a colleague has it, `already_decided` when it is too late."""
        approvals.claim(**self.deed(pk), door=DOOR, **self.sent(shapes.ClaimShape))
        return self.answer(pk)


class ReleaseView(OneTaskView):
    """`POST /workflows/tasks/{id}/release/`"""

    @extend_schema(operation_id="workflow_tasks_release", request=None, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Give it back. 409 `illegal_move` when nobody has it."""
        approvals.release(**self.deed(pk), door=DOOR)
        return self.answer(pk)


class DelegateView(OneTaskView):
    """`POST /workflows/tasks/{id}/delegate/`"""

    @extend_schema(operation_id="workflow_tasks_delegate", request=shapes.HandOnShape, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Let somebody else decide in your stead."""
        said = self.sent(shapes.HandOnShape)
        self.task(pk)
        to = person(said["to"], "to")
        approvals.delegate(**self.deed(pk), to=to, comment=said.get("comment", ""), door=DOOR)
        return self.answer(pk)


class ReassignView(OneTaskView):
    """`POST /workflows/tasks/{id}/reassign/`"""

    @extend_schema(operation_id="workflow_tasks_reassign", request=shapes.ReassignShape, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Give it to somebody: the head of its department, and administrators."""
        said = self.sent(shapes.ReassignShape)
        self.task(pk)
        before = said.get("instead_of")
        approvals.reassign(
            **self.deed(pk),
            to=person(said["to"], "to"),
            instead_of=person(before, "instead_of") if before else None,
            comment=said.get("comment", ""),
            door=DOOR,
        )
        return self.answer(pk)


class CommentView(OneTaskView):
    """`POST /workflows/tasks/{id}/comment/`"""

    @extend_schema(operation_id="workflow_tasks_comment", request=shapes.SayShape, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Say something about it without deciding it."""
        approvals.comment(**self.deed(pk), text=self.sent(shapes.SayShape)["text"], door=DOOR)
        return self.answer(pk)


class CompleteView(OneTaskView):
    """`POST /workflows/tasks/{id}/complete/`"""

    @extend_schema(operation_id="workflow_tasks_complete", request=shapes.CompleteShape, responses=shapes.OneTaskShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Decide it. Of two who do at once one gets 409 `already_decided`."""
        approvals.complete(**self.deed(pk), door=DOOR, **self.sent(shapes.CompleteShape))
        return self.answer(pk)


class AcknowledgeView(OneTaskView):
    """`POST /workflows/tasks/{id}/acknowledge/`"""

    @extend_schema(
        operation_id="workflow_tasks_acknowledge", request=shapes.ConfirmShape, responses=shapes.OneTaskShape
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Confirm that you have read it; once more changes nothing."""
        acknowledging.acknowledge(**self.deed(pk), **self.sent(shapes.ConfirmShape))
        return self.answer(pk)


class CompleteManyView(WorkflowView):
    """`POST /workflows/tasks/complete/`"""

    @extend_schema(
        operation_id="workflow_tasks_complete_many", request=shapes.CompleteManyShape, responses=shapes.ResultsShape
    )
    def post(self, request: Request) -> Response:
        """Decide up to 200 alike; each is decided or refused by itself.

        Forms are filled in with their defaults. A task that needs more is refused, and `errors` says which fields.
        """
        said = self.sent(shapes.CompleteManyShape)
        results = approvals.complete_many(
            task_ids=said["tasks"],
            outcome=said["outcome"],
            comment=said.get("comment", ""),
            by=self.caller,
            rights=self.rights,
            door=DOOR,
            versions=asking.by_task(said.get("versions") or {}, "versions"),
        )
        return Response(presentation.results_as_json(results))
