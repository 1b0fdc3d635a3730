"""What the jobs API answers, for the OpenAPI description."""

from rest_framework import serializers

from jobs.models import JobState, QueueName


class JobErrorShape(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class JobSubjectShape(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.CharField()


class JobListShape(serializers.Serializer):
    """A job; `progress` in percent, `seconds` is how long the last attempt worked."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    queue = serializers.ChoiceField(choices=QueueName.choices)
    priority = serializers.CharField()
    progress = serializers.IntegerField()
    step = serializers.CharField()
    message = serializers.CharField()
    attempts = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    worker = serializers.CharField()
    error = JobErrorShape(allow_null=True)
    subject = JobSubjectShape(allow_null=True)
    parent_job = serializers.UUIDField(allow_null=True)
    size = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    run_after = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)


class JobShape(JobListShape):
    """With its place (jobs ahead, exact to 1,000) while it waits, and the seconds that are probably left."""

    place = serializers.IntegerField(allow_null=True)
    eta = serializers.FloatField(allow_null=True)


class FailureShape(serializers.Serializer):
    """An attempt that failed. `log`, its last lines or traceback, is told to administrators alone."""

    attempt = serializers.IntegerField()
    at = serializers.DateTimeField()
    seconds = serializers.FloatField(required=False)
    worker = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    log = serializers.CharField(required=False)


class OneJobShape(JobShape):
    """With why each earlier attempt failed."""

    failures = FailureShape(many=True)


class AdminJobShape(JobListShape):
    owner = serializers.IntegerField(allow_null=True)
    failures = serializers.ListField(child=serializers.DictField())


class PriorityShape(serializers.Serializer):
    """`emergency`, `high`, `normal` or `low`."""

    priority = serializers.CharField()


class CountShape(serializers.Serializer):
    """How many; `job`, the id of the job that does it, is there only when it takes longer than an answer may."""

    count = serializers.IntegerField()
    job = serializers.UUIDField(required=False)


class SwitchShape(serializers.Serializer):
    name = serializers.CharField()
    paused = serializers.BooleanField()


class DrainShape(serializers.Serializer):
    id = serializers.CharField()
    draining = serializers.BooleanField()


class EstimatesShape(serializers.Serializer):
    """How far off the seconds told to those who waited were: medians over the last hour's samples."""

    samples = serializers.IntegerField()
    median_seconds = serializers.FloatField(allow_null=True)
    median_share = serializers.FloatField(allow_null=True)


class QueueStatusShape(serializers.Serializer):
    queues = serializers.DictField(child=serializers.DictField())
    estimates = EstimatesShape()
    rates = serializers.DictField(child=serializers.DictField())
    dead = serializers.DictField(child=serializers.IntegerField())
    workers = serializers.ListField(child=serializers.DictField())
