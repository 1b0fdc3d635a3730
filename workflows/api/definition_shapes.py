"""The shapes of requests and answers about definitions. `workflows.definitions.shown` makes the answers."""

from rest_framework import serializers

from jobs.models import JobState
from workflows import past
from workflows.models import Category

MOST_CHARACTERS = 200_000


class DefinitionShape(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    title_ml = serializers.CharField()
    category = serializers.ChoiceField(choices=Category.choices)
    description = serializers.CharField()
    active = serializers.BooleanField()
    version = serializers.IntegerField(allow_null=True, help_text="number of the one that new runs follow")
    published_at = serializers.DateTimeField(allow_null=True)


class VersionInShortShape(serializers.Serializer):
    version = serializers.IntegerField()
    note = serializers.CharField()
    digest = serializers.CharField()
    published_at = serializers.DateTimeField()
    published_by = serializers.CharField(allow_null=True)


class OneDefinitionShape(DefinitionShape):
    versions = VersionInShortShape(many=True)
    draft = serializers.CharField(allow_null=True)
    draft_at = serializers.DateTimeField(allow_null=True)
    draft_by = serializers.CharField(allow_null=True)


class DefinitionVersionShape(VersionInShortShape):
    key = serializers.CharField()
    current = serializers.BooleanField()
    source = serializers.CharField()  # type: ignore[assignment]
    body = serializers.DictField()


class TextShape(serializers.Serializer):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=MOST_CHARACTERS, trim_whitespace=False, help_text="YAML or JSON"
    )


class OptionalTextShape(serializers.Serializer):
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=MOST_CHARACTERS, trim_whitespace=False, help_text="the draft, when it is not said"
    )


class PublishShape(OptionalTextShape):
    note = serializers.CharField(required=False, allow_blank=True, max_length=2_000)


class DryRunShape(OptionalTextShape):
    last = serializers.IntegerField(required=False, min_value=1, max_value=past.MOST, help_text="documents; 500")
    department = serializers.CharField(required=False, max_length=40, help_text="key")


class ActiveShape(serializers.Serializer):
    active = serializers.BooleanField()


class ProblemInTextShape(serializers.Serializer):
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField()
    level = serializers.ChoiceField(choices=["error", "warning"])
    message = serializers.CharField()
    advice = serializers.CharField()


class ValidatedShape(serializers.Serializer):
    valid = serializers.BooleanField()
    problems = ProblemInTextShape(many=True)


class StopShape(serializers.Serializer):
    """Where the path of a document comes to rest."""

    kind = serializers.CharField()
    step = serializers.CharField()
    title = serializers.CharField()
    who = serializers.ListField(child=serializers.CharField())
    detail = serializers.CharField()


class TriedShape(serializers.Serializer):
    document = serializers.UUIDField()
    title = serializers.CharField()
    document_type = serializers.CharField(allow_null=True)
    department = serializers.CharField()
    event = serializers.CharField()
    verdict = serializers.ChoiceField(choices=list(past.VERDICTS))
    starts = serializers.BooleanField()
    result = serializers.CharField()
    reason = serializers.CharField()
    error = serializers.CharField()
    instead = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    stops = StopShape(many=True)
    did = serializers.ListField(child=serializers.CharField())


class ReportShape(serializers.Serializer):
    looked_at = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.IntegerField())
    first = serializers.DictField(child=serializers.IntegerField(), help_text="by the step where paths come to rest")
    errors = serializers.DictField(child=serializers.IntegerField())  # type: ignore[assignment]
    rows = TriedShape(many=True)


class TryErrorShape(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class TryShape(serializers.Serializer):
    """A try by a worker; `GET /jobs/{id}/` speaks of the same id. `result` is null until it has succeeded."""

    id = serializers.UUIDField()
    url = serializers.CharField(help_text="where to fetch it")
    definition = serializers.CharField()
    last = serializers.IntegerField()
    department = serializers.CharField(allow_null=True)
    by = serializers.CharField(allow_null=True)
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField(allow_null=True, help_text="then it is removed")
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.IntegerField(help_text="percent")
    step = serializers.CharField()
    message = serializers.CharField(help_text="how many of how many: 1,200 / 5,000")
    error = TryErrorShape(allow_null=True)
    result = ReportShape(
        allow_null=True, help_text="the first 500 rows, those that differ first; the totals are of all documents"
    )
