"""The shapes of requests and answers about tasks and absences. `workflows.presentation` makes the answers."""

from rest_framework import serializers

from jobs.models import PRIORITIES
from workflows.api.run_shapes import PaperShape
from workflows.definitions.schema import FIELD_TYPES
from workflows.models import TaskKind, TaskState

LONGEST = 10_000


class OutcomeShape(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    comment = serializers.CharField(required=False)
    veto = serializers.BooleanField(required=False)


class TaskShape(serializers.Serializer):
    id = serializers.UUIDField()
    workflow = serializers.CharField()
    workflow_title = serializers.CharField()
    instance = serializers.UUIDField()
    step = serializers.CharField()
    round = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=TaskKind.choices)
    title = serializers.CharField()
    title_ml = serializers.CharField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    outcome = serializers.CharField(allow_null=True)
    outcomes = OutcomeShape(many=True)
    document = PaperShape(allow_null=True)
    document_version = serializers.IntegerField(allow_null=True)
    bound_to_version = serializers.BooleanField()
    department = serializers.CharField(allow_null=True)
    priority = serializers.ChoiceField(choices=list(PRIORITIES))
    quorum = serializers.JSONField(help_text="so many equal decisions, or “all”")
    may_delegate = serializers.BooleanField()
    assignee = serializers.CharField(allow_null=True)
    claimed_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    completed_by = serializers.CharField(allow_null=True)
    warned = serializers.BooleanField()
    breached = serializers.BooleanField()
    rung = serializers.IntegerField()
    mine = serializers.BooleanField(help_text="it waits for you")


class CandidateShape(serializers.Serializer):
    user = serializers.CharField(allow_null=True)
    department = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    origin = serializers.CharField()
    for_user = serializers.CharField(allow_null=True)


class ExcludedShape(serializers.Serializer):
    user = serializers.CharField()
    reason = serializers.CharField()


class DecisionShape(serializers.Serializer):
    by = serializers.CharField()
    for_user = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    comment = serializers.CharField()
    form = serializers.DictField()
    document_version = serializers.IntegerField(allow_null=True)
    door = serializers.CharField()
    at = serializers.DateTimeField()


class CommentShape(serializers.Serializer):
    by = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class CanShape(serializers.Serializer):
    """The deeds that are open to you now."""

    decide = serializers.BooleanField()
    claim = serializers.BooleanField()
    take_over = serializers.BooleanField()
    release = serializers.BooleanField()
    delegate = serializers.BooleanField()
    reassign = serializers.BooleanField()


class ConfirmationShape(serializers.Serializer):
    user = serializers.CharField()
    name = serializers.CharField()
    shift = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    document_version = serializers.IntegerField(allow_null=True)
    chased = serializers.IntegerField()
    late = serializers.BooleanField()


class ConfirmationsShape(serializers.Serializer):
    """Of what is to be read and confirmed: who has and who has not; `needed` let the run go on."""

    asked = serializers.IntegerField()
    acknowledged = serializers.IntegerField()
    needed = serializers.IntegerField()
    people = ConfirmationShape(many=True)


class FieldShape(serializers.Serializer):
    """One field of the form. `default` is what it holds before anybody writes; it was settled when the task was opened.

    Whoever decides sends what he means: a field that is left out of `form` is empty, whatever its default.
    """

    name = serializers.CharField()
    title = serializers.CharField()
    title_ml = serializers.CharField()
    type = serializers.ChoiceField(choices=FIELD_TYPES)
    required = serializers.BooleanField()  # type: ignore[assignment]
    choices = serializers.ListField(child=serializers.CharField())
    default = serializers.JSONField(allow_null=True)
    save = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class OneTaskShape(TaskShape):
    question = serializers.CharField()
    question_ml = serializers.CharField()
    form = FieldShape(many=True)
    candidates = CandidateShape(many=True)
    excluded = ExcludedShape(many=True)
    decisions = DecisionShape(many=True)
    comments = CommentShape(many=True)
    can = CanShape()
    why_not = serializers.CharField(allow_null=True)
    confirmations = ConfirmationsShape(allow_null=True)


class ClaimShape(serializers.Serializer):
    take_over = serializers.BooleanField(required=False, help_text="the head of the task's department may")


class HandOnShape(serializers.Serializer):
    to = serializers.CharField(max_length=150, help_text="user name")
    comment = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)


class ReassignShape(HandOnShape):
    instead_of = serializers.CharField(required=False, allow_null=True, max_length=150, help_text="user name")


class SayShape(serializers.Serializer):
    text = serializers.CharField(allow_blank=True, max_length=LONGEST)


class CompleteShape(serializers.Serializer):
    outcome = serializers.CharField(max_length=40)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)
    form = serializers.DictField(required=False)
    document_version = serializers.IntegerField(required=False, allow_null=True, help_text="that you looked at")


class CompleteManyShape(serializers.Serializer):
    tasks = serializers.ListField(child=serializers.UUIDField(), allow_empty=False)
    outcome = serializers.CharField(max_length=40)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)
    versions = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text="by task: of its document, that you looked at"
    )


class ResultShape(serializers.Serializer):
    """What became of one task: its state, or the code and sentence of the refusal, with those by field."""

    task = serializers.UUIDField()
    state = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), allow_null=True, help_text="by field, when refused"
    )


class ResultsShape(serializers.Serializer):
    decided = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = ResultShape(many=True)


class ConfirmShape(serializers.Serializer):
    document_version = serializers.IntegerField(required=False, allow_null=True, help_text="that you read")


class AbsenceDaysShape(serializers.Serializer):
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    deputy = serializers.CharField(required=False, allow_null=True, max_length=150, help_text="user name")
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class AbsenceSentShape(AbsenceDaysShape):
    user = serializers.CharField(required=False, max_length=150, help_text="user name; you, when it is not said")


class AbsenceShape(serializers.Serializer):
    id = serializers.IntegerField()
    user = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    deputy = serializers.CharField(allow_null=True)
    note = serializers.CharField()
