"""The shapes of requests and answers about runs. `workflows.presentation` makes the answers."""

from rest_framework import serializers

from jobs.models import PRIORITIES
from workflows.models import Category, InstanceStatus


class PaperShape(serializers.Serializer):
    """The document of a task or run, for who sees it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField()


class RunShape(serializers.Serializer):
    id = serializers.UUIDField()
    definition = serializers.CharField()
    title = serializers.CharField()
    title_ml = serializers.CharField()
    category = serializers.ChoiceField(choices=Category.choices)
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=InstanceStatus.choices)
    outcome = serializers.CharField(allow_null=True)
    document = PaperShape(allow_null=True)
    document_version = serializers.IntegerField(allow_null=True)
    department = serializers.CharField(allow_null=True)
    priority = serializers.ChoiceField(choices=list(PRIORITIES))
    started_by = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    breached = serializers.BooleanField()


class IncidentShape(serializers.Serializer):
    id = serializers.IntegerField()
    token = serializers.IntegerField()
    step = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    opened_at = serializers.DateTimeField()


class TokenShape(serializers.Serializer):
    """Where the run is; further fields say what it waits for."""

    token = serializers.IntegerField()
    step = serializers.CharField()
    state = serializers.CharField()


class AwaitedShape(serializers.Serializer):
    """What the run waits for, until `met_at`. What the caller may not see has no `of`, title and status."""

    id = serializers.IntegerField(help_text="its number, to take it away by")
    kind = serializers.ChoiceField(choices=["workflow", "document"])
    of = serializers.UUIDField(allow_null=True, help_text="the run or document")
    title = serializers.CharField(allow_null=True)
    status = serializers.CharField(allow_null=True)
    met_at = serializers.DateTimeField(allow_null=True)


class RuleShape(serializers.Serializer):
    """One rule that was looked at, and what came of it. `values`: what its expressions saw, by name; null where it was
    too much to keep, or the choice was made before values were kept."""

    definition = serializers.CharField()
    version = serializers.IntegerField()
    trigger = serializers.IntegerField()
    when = serializers.CharField(allow_null=True)
    priority = serializers.IntegerField()
    result = serializers.CharField()
    reason = serializers.CharField()
    error = serializers.CharField()
    values = serializers.DictField(allow_null=True)


class RoutingShape(serializers.Serializer):
    """What chose the run: the document's event, and every rule that was looked at, the most urgent first."""

    event = serializers.CharField()
    document_version = serializers.IntegerField()
    at = serializers.DateTimeField()
    considered = RuleShape(many=True)


class OneRunShape(RunShape):
    reason = serializers.DictField()
    routing = RoutingShape(allow_null=True, help_text="null where no event of a document started it")
    variables = serializers.DictField()
    steps = serializers.DictField(help_text="by id: the newest outcome of each step")
    tokens = TokenShape(many=True)
    incidents = IncidentShape(many=True)
    tasks = serializers.ListField(child=serializers.UUIDField(), help_text="undecided, that you see")
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    waits_for = AwaitedShape(many=True, help_text="nothing moves before all of them have come")


class AfterShape(serializers.Serializer):
    """A run, for whose end it waits; or a document, until that is read."""

    kind = serializers.ChoiceField(choices=["workflow", "document"])
    id = serializers.UUIDField()


class StartShape(serializers.Serializer):
    definition = serializers.CharField(max_length=40)
    document = serializers.UUIDField(required=False, allow_null=True)
    variables = serializers.DictField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)
    after = AfterShape(many=True, required=False)


class WhyShape(serializers.Serializer):
    why = serializers.CharField(required=False, allow_blank=True, max_length=500)


class WaitShape(AfterShape, WhyShape):
    """One more that the run waits for: the end of a run, or that a document is read."""


class RetryShape(WhyShape):
    token = serializers.IntegerField(required=False, help_text="all that stand at incidents when it is not said")


class SkipShape(RetryShape):
    outcome = serializers.CharField(required=False, max_length=40, help_text="of the step; `skipped` otherwise")


class MoveShape(WhyShape):
    to = serializers.IntegerField(min_value=1, help_text="number of the version")
    mapping = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="ids of steps of the old version to those of the new"
    )
    dry_run = serializers.BooleanField(required=False)


class MoveManyShape(MoveShape):
    instances = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=500, help_text="else all that stand in other versions"
    )


class PlaceShape(serializers.Serializer):
    """One run of a plan; it fits when `why` is empty."""

    instance = serializers.UUIDField()
    version = serializers.IntegerField()
    fits = serializers.BooleanField()
    why = serializers.ListField(child=serializers.CharField())


class PlanShape(serializers.Serializer):
    definition = serializers.CharField()
    to = serializers.IntegerField()
    fits = serializers.BooleanField()
    moved = serializers.BooleanField()
    runs = PlaceShape(many=True)


class HappenedShape(serializers.Serializer):
    event = serializers.CharField(max_length=60, help_text="as in `wait_event`; not `document.…` or `workflow.…`")
    key = serializers.CharField(required=False, allow_blank=True, max_length=120)
    data = serializers.DictField(required=False)  # type: ignore[assignment]


class HeardShape(serializers.Serializer):
    waiting = serializers.IntegerField(help_text="how many steps of runs that you see are told")
