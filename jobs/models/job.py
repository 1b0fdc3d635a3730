from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from accounts.identifiers import new_id
from accounts.machines import StateMachine
from jobs.models.queue import QueueName


class JobState(models.TextChoices):
    QUEUED = "queued", "Queued"
    WAITING = "waiting", "Waiting for its parts"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed, will be tried again"
    DEAD = "dead", "Dead"
    CANCELLED = "cancelled", "Cancelled"


class Priority(models.IntegerChoices):
    """Smaller goes first; the database sorts by it."""

    EMERGENCY = 0, "emergency"
    HIGH = 1, "high"
    NORMAL = 2, "normal"
    LOW = 3, "low"

    @property
    def queue(self) -> QueueName:
        return {0: QueueName.HIGH, 1: QueueName.HIGH, 2: QueueName.DEFAULT, 3: QueueName.LOW}[self.value]


PRIORITIES: dict[str, Priority] = {p.label: p for p in Priority}

UNFINISHED = (JobState.QUEUED, JobState.WAITING, JobState.RUNNING, JobState.FAILED)

STILL_RUNS = "j.state || '' = 'running'"
"""SQL: a job `j` that is named by its id is running. Not a plain comparison: for that PostgreSQL would rather look
through the index of leases, small by its statistics; while somebody holds a snapshot it has an entry for every attempt
since, and finishing one job would read them all.
"""


class Job(StateMachine, models.Model):
    """A piece of work that PostgreSQL remembers until it is finished.

    States move by one function each: SQL with a guard (`id`, `fence`, state) on the fast path (`jobs.claiming`,
    `jobs.finishing`), the transitions below under a row lock elsewhere (`jobs.control`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    queue = models.CharField(max_length=12, choices=QueueName.choices)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    urgency = models.SmallIntegerField(
        default=Priority.NORMAL, help_text="the priority that it has by now: half an hour of waiting lifts one"
    )
    fair_rank = models.BigIntegerField(default=0, help_text="its turn among the equally urgent; see jobs.enqueueing")
    short = models.BooleanField(default=False, help_text="done in a moment: may share a batch with its like")
    state = FSMField(choices=JobState.choices, default=JobState.QUEUED, protected=True)

    fence = models.PositiveIntegerField(
        default=0, help_text="how often it was claimed, ever: what a worker writes must carry the newest"
    )
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="attempts spent; a worker that stops gives its back"
    )
    max_attempts = models.PositiveSmallIntegerField(default=3)
    run_after = models.DateTimeField(null=True, blank=True, help_text="not claimable before")
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=80, blank=True)

    percent = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    failures = models.JSONField(default=list, help_text="why each earlier attempt failed")
    result = models.JSONField(default=dict)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    subject_kind = models.CharField(max_length=24, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children", db_index=False
    )
    size = models.BigIntegerField(default=0, help_text="bytes to work on; for estimates")

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True, help_text="milliseconds of work in the last attempt")

    class Meta:
        indexes = [
            models.Index(
                fields=["urgency", "fair_rank", "id"],
                condition=models.Q(state="queued", run_after__isnull=True),
                name="job_claimable",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="running"), name="job_leased"),
            models.Index(
                fields=["run_after"],
                condition=models.Q(state__in=["queued", "failed"], run_after__isnull=False),
                name="job_due_later",
            ),
            models.Index(
                fields=["owner", "urgency", "fair_rank"],
                condition=models.Q(state__in=["queued", "failed"]),
                name="job_waiting_of_owner",
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="job_subject"),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="job_parent"),
            models.Index(fields=["finished_at"], condition=models.Q(finished_at__isnull=False), name="job_done"),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="job_dead"),
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="job_waits_for_parts"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def priority_choice(self) -> Priority:
        return Priority(self.priority)

    @transition(
        field=state,
        source=[JobState.QUEUED, JobState.FAILED, JobState.WAITING, JobState.RUNNING],
        target=JobState.CANCELLED,
    )
    def cancel(self) -> None:
        """Nothing more is done for it; a running attempt finds its guard gone and is stopped within a second."""

    @transition(
        field=state,
        source=[JobState.DEAD, JobState.FAILED, JobState.CANCELLED, JobState.SUCCEEDED],
        target=JobState.QUEUED,
    )
    def requeue(self) -> None:
        """Waits again, with a fresh count of attempts."""
