"""REST: one's job, and the administrators' queue. No logic: parse, call one function, present."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.refusals import NotFound, Refusal
from accounts.rest import parameters
from accounts.rest.permissions import MayRunHouse
from accounts.rights import Action, Rights
from jobs import control, overview, presentation, shapes
from jobs.models import PRIORITIES, Job, JobState, Priority, QueueName
from realtime import audiences


class MayRunQueue(MayRunHouse):
    message = "Only administrators run the queue."


class AdminView(APIView):
    permission_classes = [IsAuthenticated, MayRunQueue]

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)

    @property
    def rights(self) -> Rights:
        """Those of the credential: an API key's are narrower than its user's."""
        return cast(Rights, self.request.auth)


class JobView(APIView):
    """`GET /jobs/{id}/`"""

    @extend_schema(operation_id="jobs_retrieve", responses=shapes.OneJobShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """One job: its owner's when it has no subject, else everybody's who may see the subject."""
        rights = cast(Rights, request.auth)
        if not rights.scope_allows(Action.SEE):
            raise NotFound
        job = Job.objects.filter(pk=pk).first()
        if job is None or not (rights.runs_house or audiences.may_listen(rights, audiences.job(pk))):
            raise NotFound("There is no such job that you may see.")
        failures = presentation.failures(job, with_log=rights.runs_house)
        return Response({**presentation.as_json(job), "failures": failures})


class StatusView(AdminView):
    """`GET /admin/queue/status/`"""

    @extend_schema(operation_id="admin_queue_status", responses=shapes.QueueStatusShape)
    def get(self, request: Request) -> Response:
        """Counts by queue and state, the oldest that waits, rates, dead jobs by cause, workers with their jobs."""
        return Response(overview.status())


class JobsView(AdminView, ListAPIView):
    """`GET /admin/queue/jobs/`: newest first"""

    queryset = Job.objects.none()
    filter_backends = ()
    ordering = ("-id",)

    def get_queryset(self) -> "QuerySet[Job]":
        asked = self.request.query_params
        jobs = Job.objects.all()
        for name in ("kind", "error_code"):
            if value := asked.get(name):
                jobs = jobs.filter(**{name: value})
        for name, known in (("queue", QueueName.values), ("state", JobState.values)):
            if values := _some_of(asked, name, known):
                jobs = jobs.filter(**{f"{name}__in": values})
        if owner := asked.get("owner"):
            jobs = jobs.filter(owner=_number(owner, "owner"))
        return jobs

    @extend_schema(
        operation_id="admin_queue_jobs_list",
        parameters=[
            OpenApiParameter("queue", str, enum=QueueName.values, many=True, description="several by comma"),
            OpenApiParameter("state", str, enum=JobState.values, many=True, description="several by comma"),
            OpenApiParameter("kind", str),
            OpenApiParameter("owner", int),
            OpenApiParameter("error_code", str),
        ],
        responses=shapes.AdminJobShape(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Jobs, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([presentation.for_administrators(job) for job in page or []])


class RetryView(AdminView):
    """`POST /admin/queue/jobs/{id}/retry/`"""

    @extend_schema(operation_id="admin_queue_job_retry", request=None, responses=shapes.JobShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Have it done again, with a fresh count of attempts. 409 `illegal_move` while it waits or runs."""
        return Response(presentation.as_json(control.retry(job_id=pk, by=self.caller, rights=self.rights)))


class CancelView(AdminView):
    """`POST /admin/queue/jobs/{id}/cancel/`"""

    @extend_schema(operation_id="admin_queue_job_cancel", request=None, responses=shapes.JobShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop it, waiting or running. 409 `illegal_move` when it has ended."""
        return Response(presentation.as_json(control.cancel(job_id=pk, by=self.caller, rights=self.rights)))


class PriorityView(AdminView):
    """`POST /admin/queue/jobs/{id}/priority/`"""

    @extend_schema(operation_id="admin_queue_job_priority", request=shapes.PriorityShape, responses=shapes.JobShape)
    def post(self, request: Request, pk: UUID) -> Response:
        """Another priority: it goes to the end of its owner's work there."""
        job = control.set_priority(job_id=pk, priority=_priority(request.data), by=self.caller, rights=self.rights)
        return Response(presentation.as_json(job))


class RetryDeadView(AdminView):
    """`POST /admin/queue/retry-dead/`"""

    @extend_schema(
        operation_id="admin_queue_retry_dead",
        parameters=[OpenApiParameter("error_code", str), OpenApiParameter("kind", str)],
        request=None,
        responses=shapes.CountShape,
    )
    def post(self, request: Request) -> Response:
        """Every dead job again, or those of one cause or kind. More than 200 are done by `job`."""
        asked = request.query_params
        chore = control.begin_retry_dead(
            by=self.caller, rights=self.rights, error_code=asked.get("error_code", ""), kind=asked.get("kind", "")
        )
        return Response(presentation.of_chore(chore))


class FinishedView(AdminView):
    """`DELETE /admin/queue/finished/`"""

    @extend_schema(
        operation_id="admin_queue_clean",
        parameters=[
            OpenApiParameter("state", str, enum=[str(s) for s in control.ENDED], many=True),
            OpenApiParameter("older_than", int, description="seconds since it ended; a day unless told"),
        ],
        responses={200: shapes.CountShape},
    )
    def delete(self, request: Request) -> Response:
        """Remove ended work. Succeeded and cancelled unless told; the documents and their history stay.

        More than 5,000 are removed by `job`.
        """
        asked = request.query_params
        states = _some_of(asked, "state", JobState.values) or [JobState.SUCCEEDED, JobState.CANCELLED]
        seconds = _number(asked.get("older_than") or "86400", "older_than")
        chore = control.begin_clean_finished(
            by=self.caller, rights=self.rights, states=states, older_than=timedelta(seconds=seconds)
        )
        return Response(presentation.of_chore(chore))


class PauseView(AdminView):
    """`POST /admin/queue/queues/{name}/pause/`"""

    @extend_schema(operation_id="admin_queue_pause", request=None, responses=shapes.SwitchShape)
    def post(self, request: Request, name: str) -> Response:
        """Claim nothing more of this queue; what runs ends."""
        queue = control.pause(queue=name, by=self.caller, rights=self.rights)
        return Response({"name": queue.name, "paused": queue.paused})


class ResumeView(AdminView):
    """`POST /admin/queue/queues/{name}/resume/`"""

    @extend_schema(operation_id="admin_queue_resume", request=None, responses=shapes.SwitchShape)
    def post(self, request: Request, name: str) -> Response:
        """Go on with this queue."""
        queue = control.resume(queue=name, by=self.caller, rights=self.rights)
        return Response({"name": queue.name, "paused": queue.paused})


class DrainView(AdminView):
    """`POST /admin/queue/workers/{id}/drain/`"""

    @extend_schema(operation_id="admin_queue_drain_worker", request=None, responses=shapes.DrainShape)
    def post(self, request: Request, pk: str) -> Response:
        """It ends what it runs and takes nothing more until it is started again."""
        worker = control.drain(worker_id=pk, by=self.caller, rights=self.rights)
        return Response({"id": worker.pk, "draining": worker.draining})


def _priority(data: Any) -> Priority:
    wanted = data.get("priority") if isinstance(data, dict) else None
    if not isinstance(wanted, str) or wanted not in PRIORITIES:
        said = f"Write one of: {', '.join(PRIORITIES)}."
        raise Refusal(f"priority: {said}", errors={"priority": [said]})
    return PRIORITIES[wanted]


def _some_of(asked: QueryDict, name: str, known: list[str]) -> list[str]:
    """As `parameters.listed`, of what there is."""
    found = parameters.listed(asked, name)
    if set(found) - set(known):
        said = f"Write one or some of {', '.join(known)}."
        raise Refusal(f"{name}: {said}", errors={name: [said]})
    return found


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refusal(f"{name}: Write a whole number.", errors={name: ["Write a whole number."]})
    return int(text)
