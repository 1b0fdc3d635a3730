from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.identifiers import new_id
from accounts.machines import StateMachine
from accounts.models import Department
from documents.models import Document
from jobs.models import Priority
from workflows.models.definition import Definition, DefinitionVersion
from workflows.visibility import InstanceManager


class InstanceStatus(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    INCIDENT = "incident", "Stopped at an incident"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"


ALIVE = (InstanceStatus.RUNNING, InstanceStatus.PAUSED, InstanceStatus.INCIDENT)


class Instance(StateMachine, models.Model):
    """One run of one published version. `state` is the fold of its history up to entry `sequence`.

    `incident` is a running instance of which at least one token stands at an open incident; its other branches go on.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="instances", db_index=False)
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="instances")
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="workflows", db_index=False
    )
    document_version = models.PositiveIntegerField(null=True, blank=True, help_text="the newest when it started")
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = FSMField(choices=InstanceStatus.choices, default=InstanceStatus.RUNNING, protected=True)
    outcome = models.CharField(max_length=40, blank=True)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    state = models.JSONField(default=dict)
    sequence = models.PositiveIntegerField(default=0, help_text="of the last history entry that `state` has taken in")
    reason = models.JSONField(default=dict, help_text="why it was started: trigger, condition, words")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="subflows")
    parent_token = models.PositiveIntegerField(null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="of its own SLA")
    breached = models.BooleanField(default=False, help_text="its own SLA was missed")

    objects = InstanceManager()
    keeps_news = False
    """Read with its row by `workflows.reading`: it waits for others, or has not heard yet what was kept for it."""

    class Meta:
        verbose_name, verbose_name_plural = _("run"), _("runs")
        indexes = [
            models.Index("document", models.F("started_at").desc(), name="instance_of_document"),
            models.Index("definition", models.F("started_at").desc(), models.F("id").desc(), name="instance_by_def"),
            models.Index(models.F("started_at").desc(), models.F("id").desc(), name="instance_by_time"),
            models.Index(
                "department", models.F("started_at").desc(), models.F("id").desc(), name="instance_by_department"
            ),
            models.Index(
                fields=["status", "id"],
                condition=models.Q(status__in=["paused", "incident"]),
                name="instance_standing",
            ),
            models.Index(
                fields=["definition", "document"],
                condition=models.Q(status__in=["running", "paused", "incident"]),
                name="instance_alive",
            ),
            models.Index(
                fields=["finished_at"], condition=models.Q(finished_at__isnull=False), name="instance_finished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.id}"

    @property
    def is_alive(self) -> bool:
        return self.status in ALIVE

    @transition(field=status, source=list(ALIVE), target=InstanceStatus.RUNNING)
    def go_on(self) -> None:
        """Resumed, or its last incident is resolved."""

    @transition(field=status, source=list(ALIVE), target=InstanceStatus.PAUSED)
    def pause(self) -> None:
        """Nothing moves until somebody resumes it; what comes meanwhile is kept."""

    @transition(field=status, source=[InstanceStatus.RUNNING, InstanceStatus.INCIDENT], target=InstanceStatus.INCIDENT)
    def stop_at_incident(self) -> None:
        """A token waits for somebody to look at what failed."""

    @transition(field=status, source=list(ALIVE), target=InstanceStatus.FINISHED)
    def finish(self) -> None:
        """No token is left."""

    @transition(field=status, source=list(ALIVE), target=InstanceStatus.CANCELLED)
    def cancel(self) -> None:
        """Somebody stopped it; no token is left."""


class StepRun(models.Model):
    """One passage of a token through one step: what figures and graphs are made of. Rewritten from facts alone."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="steps", db_index=False)
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    step = models.CharField(max_length=40)
    kind = models.CharField(max_length=16)
    token = models.PositiveIntegerField()
    round = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField()
    begun_at = models.DateTimeField(
        null=True, blank=True, help_text="when somebody took it, or its job began: waiting ends, working begins"
    )
    left_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    failed = models.BooleanField(default=False, help_text="it had an incident, or was left by on_error")
    breached = models.BooleanField(default=False)
    worked_ms = models.BigIntegerField(default=0, help_text="of the machine, in its jobs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "token"], name="one_step_run_by_token")]
        indexes = [
            models.Index("version", "step", models.F("entered_at").desc(), name="step_run_by_step"),
            models.Index(fields=["version", "step"], condition=models.Q(left_at__isnull=True), name="step_run_open"),
            BrinIndex(fields=["entered_at"], name="step_run_by_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.step} #{self.token}"


class Incident(models.Model):
    """Something that failed at a step and waits for somebody; the run is resumable."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="incidents")
    token = models.PositiveIntegerField()
    step = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    detail = models.TextField()
    job_id = models.UUIDField(null=True, blank=True)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolution = models.CharField(max_length=16, blank=True, help_text="retried, skipped, cancelled or migrated")

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], condition=models.Q(resolved_at__isnull=True), name="incident_open")
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.code}"


class Subscription(models.Model):
    """A token that waits for an event. `key` narrows it (a document's or instance's id); empty: any."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="subscriptions")
    token = models.PositiveIntegerField()
    event = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "token"], name="one_subscription_by_token")]
        indexes = [models.Index(fields=["event", "key"], name="subscription_by_event")]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class Routing(models.Model):
    """Why a document went where it went: every trigger that was looked at, what it saw and gave, and which one won.

    Beside what its help says, each of `considered` has `values`: what its expressions saw (`workflows.seen`). Null:
    there was too much of it; not there at all: it was chosen before values were kept.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="routings", db_index=False)
    document_version = models.PositiveIntegerField(_("document version"))
    event = models.CharField(_("event"), max_length=40)
    at = models.DateTimeField(_("at"))
    considered = models.JSONField(
        help_text="[{definition, version, trigger, when, priority, result, reason, error}], the most urgent first"
    )
    instances = models.JSONField(default=list, help_text="ids of what was started")

    class Meta:
        verbose_name, verbose_name_plural = _("way taken"), _("ways taken")
        constraints = [
            models.UniqueConstraint(fields=["document", "document_version", "event"], name="one_routing_by_event")
        ]

    def __str__(self) -> str:
        return str(self.document)
