"""Figures of workflows, as JSON or as a table."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest.negotiation import AnswersOneKind
from documents.api.fields import wrong
from workflows import analytics, clock
from workflows.analytics.trends import GRAINS
from workflows.api import asking
from workflows.api.doors import WorkflowView

FORMATS = ["json", "csv"]


class SpreadShape(serializers.Serializer):
    """Seconds."""

    p50 = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class RunFiguresShape(serializers.Serializer):
    """Rates are from 0 to 1; `throughput`: finished by day; `alive` and `open_incidents` are of now."""

    definition = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    started = serializers.IntegerField()
    finished = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    alive = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    failure_rate = serializers.FloatField(allow_null=True)
    breached = serializers.IntegerField()
    breach_rate = serializers.FloatField(allow_null=True)
    incidents = serializers.IntegerField()
    open_incidents = serializers.IntegerField()
    rework = serializers.FloatField(allow_null=True)
    throughput = serializers.FloatField()
    outcomes = serializers.DictField(child=serializers.IntegerField())
    duration = SpreadShape()


class StepFiguresShape(serializers.Serializer):
    """`spent` and `machine` are sums of seconds; `share` is that of all steps' time."""

    step = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    title_ml = serializers.CharField()
    volume = serializers.IntegerField()
    left = serializers.IntegerField()
    open = serializers.IntegerField()
    failed = serializers.IntegerField()
    breached = serializers.IntegerField()
    breach_rate = serializers.FloatField(allow_null=True)
    reworked = serializers.IntegerField()
    rework = serializers.FloatField(allow_null=True)
    spent = serializers.FloatField()
    machine = serializers.FloatField()
    share = serializers.FloatField(allow_null=True)
    waiting = SpreadShape()
    working = SpreadShape()


class BottleneckShape(serializers.Serializer):
    rank = serializers.IntegerField()
    step = serializers.CharField()
    share = serializers.FloatField()
    why = serializers.CharField()


class PointShape(serializers.Serializer):
    start = serializers.DateTimeField()
    started = serializers.IntegerField()
    finished = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    breached = serializers.IntegerField()
    duration = SpreadShape()


class WorkShape(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    decided = serializers.IntegerField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True, help_text="seconds from being asked to the decision")


class FiguresShape(serializers.Serializer):
    """Of the house: `definitions`, `people`, `departments`. Of one definition: `versions`, `steps`, `bottlenecks`."""

    as_of = serializers.DateTimeField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    by = serializers.ChoiceField(choices=list(GRAINS))
    total = RunFiguresShape()
    definitions = RunFiguresShape(many=True)
    versions = RunFiguresShape(many=True)
    steps = StepFiguresShape(many=True)
    bottlenecks = BottleneckShape(many=True)
    trend = PointShape(many=True)
    people = WorkShape(many=True)
    departments = WorkShape(many=True)


class FiguresView(WorkflowView):
    """`GET /workflows/analytics/`"""

    content_negotiation_class = AnswersOneKind

    @extend_schema(
        operation_id="workflow_analytics",
        parameters=[
            OpenApiParameter("definition", description="key"),
            OpenApiParameter("version", OpenApiTypes.INT),
            OpenApiParameter("step", description="id: of `steps`, this one alone"),
            OpenApiParameter("period", OpenApiTypes.INT, enum=list(analytics.DAYS), description="days up to now"),
            OpenApiParameter("since", OpenApiTypes.DATETIME),
            OpenApiParameter("until", OpenApiTypes.DATETIME),
            OpenApiParameter("by", enum=list(GRAINS), description="of the trend"),
            OpenApiParameter("format", enum=FORMATS),
        ],
        responses={200: FiguresShape, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """Figures by definition, version, step and period: of the house, or of the departments that you head."""
        asked = request.query_params
        wanted = asking.one_of(asked, "format", FORMATS)
        since, until = self.period()
        found = analytics.report(
            self.rights,
            key=asked.get("definition") or None,
            version=asking.number(asked, "version"),
            step=asked.get("step") or None,
            by=asking.one_of(asked, "by", list(GRAINS)) or "day",
            since=since,
            until=until,
        )
        if wanted != "csv":
            return Response(analytics.as_json(found))
        name = "-".join(["workflows", *filter(None, [asked.get("definition")])])
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(analytics.as_csv(found), content_type="text/csv; charset=utf-8", headers=headers)

    def period(self) -> tuple[datetime | None, datetime | None]:
        """`since` and `until`, or the days of `period` up to now."""
        asked = self.request.query_params
        days = asking.number(asked, "period")
        if days is None:
            return asking.time(asked, "since"), asking.time(asked, "until")
        if asked.get("since") or asked.get("until"):
            raise wrong("period", "Say either a period, or since and until.")
        now = clock.now()
        return now - timedelta(days=days), now
