from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accounts.identifiers import new_id
from accounts.machines import StateMachine
from accounts.models import Department, Role
from documents.models import Document
from jobs.models import Priority
from workflows.deciding import TaskManager
from workflows.models.instance import Instance


class TaskKind(models.TextChoices):
    HUMAN = "human", "Decision"
    ACKNOWLEDGE = "acknowledge", "Acknowledgement"


class TaskState(models.TextChoices):
    OPEN = "open", "Open"
    CLAIMED = "claimed", "Taken"
    COMPLETED = "completed", "Decided"
    CANCELLED = "cancelled", "Not needed any more"
    SUPERSEDED = "superseded", "Replaced by a new version"


UNDECIDED = (TaskState.OPEN, TaskState.CLAIMED)


class HumanTask(StateMachine, models.Model):
    """A question to people, at one token of one run, about one version of a document.

    `outcomes` and `form` are copied from the definition when it is opened: [{key, title, title_ml, comment, veto,
    shortcut}] and [{name, title, type, required, choices, default, save}], `default` being the value that it gave then.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="tasks")
    token = models.PositiveIntegerField()
    step = models.CharField(max_length=40)
    round = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=TaskKind.choices, default=TaskKind.HUMAN)
    title = models.CharField(max_length=200)
    title_ml = models.CharField(max_length=200, blank=True)
    question = models.TextField(blank=True)
    question_ml = models.TextField("question in Malayalam", blank=True)
    state = FSMField(choices=TaskState.choices, default=TaskState.OPEN, protected=True)
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks", db_index=False
    )
    document_version = models.PositiveIntegerField(null=True, blank=True)
    bound_to_version = models.BooleanField(default=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    outcomes = models.JSONField(default=list)
    form = models.JSONField(default=list)
    quorum = models.PositiveIntegerField(default=1, help_text="so many equal decisions; 0: of all who are named")
    may_delegate = models.BooleanField(default=True)
    mail = models.BooleanField(default=False, help_text="whoever is asked gets a one-time link")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True, help_text="or when it was closed without a decision")
    due_at = models.DateTimeField(null=True, blank=True)
    follow_up_at = models.DateTimeField(null=True, blank=True)
    warned = models.BooleanField(default=False, help_text="its deadline comes near")
    breached = models.BooleanField(default=False, help_text="its deadline has passed")
    rung = models.PositiveSmallIntegerField(default=0, help_text="how far up the ladder of escalation it is")
    unattended = models.BooleanField(default=False, help_text="nobody can decide it, and those who run the house know")

    objects = TaskManager()

    class Meta:
        verbose_name, verbose_name_plural = _("task"), _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "token"],
                condition=models.Q(state__in=["open", "claimed"]),
                name="one_undecided_task_by_token",
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="task_by_due"),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state__in=["open", "claimed"]), name="task_undecided"
            ),
            models.Index(
                fields=["assignee", "due_at"],
                condition=models.Q(state__in=["open", "claimed"]),
                name="task_of_assignee",
            ),
            models.Index(
                fields=["department", "due_at", "id"],
                condition=models.Q(state__in=["open", "claimed"]),
                name="task_of_department",
            ),
            models.Index(fields=["id"], condition=models.Q(state__in=["open", "claimed"]), name="task_watched"),
            models.Index("document", models.F("opened_at").desc(), name="task_of_document"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    @transition(field=state, source=list(UNDECIDED), target=TaskState.CLAIMED)
    def claim(self) -> None:
        """Somebody has taken it; CLAIMED is a source too: it may be handed on."""

    @transition(field=state, source=list(UNDECIDED), target=TaskState.OPEN)
    def release(self) -> None:
        """Whoever may decide may take it."""

    @transition(field=state, source=list(UNDECIDED), target=TaskState.COMPLETED)
    def complete(self) -> None:
        """The last decision that was needed is there."""

    @transition(field=state, source=list(UNDECIDED), target=TaskState.CANCELLED)
    def close(self) -> None:
        """The run went on without it, or was stopped."""

    @transition(field=state, source=list(UNDECIDED), target=TaskState.SUPERSEDED)
    def supersede(self) -> None:
        """New bytes came for its document."""


class Candidate(models.Model):
    """Who may decide a task: a person, or everybody with at least that role in a department.

    `open` follows the task's state, so that the indexes hold what waits alone.
    """

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="candidates")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    roles = ArrayField(
        models.CharField(max_length=12, choices=Role.choices), default=list, blank=True, help_text="any of these there"
    )
    origin = models.CharField(
        max_length=12, default="definition", help_text="definition, delegated, reassigned, escalated, fallback"
    )
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="whom a delegate stands in for",
    )
    open = models.BooleanField(default=True, help_text="the task is undecided")

    class Meta:
        indexes = [
            models.Index(fields=["department", "task"], condition=models.Q(open=True), name="candidate_of_department"),
            models.Index(fields=["user", "task"], condition=models.Q(open=True), name="candidate_in_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.department_id}"


class Exclusion(models.Model):
    """Who may never decide a task, whatever else he is."""

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="exclusions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="one_exclusion_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reason}"


class Decision(models.Model):
    """What one person decided on one task. Never changed."""

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=40)
    comment = models.TextField(blank=True)
    form = models.JSONField(default=dict)
    document_version = models.PositiveIntegerField(null=True, blank=True)
    door = models.CharField(max_length=12, blank=True, help_text="page, admin, bulk, api or mail")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "by"], name="one_decision_by_person")]

    def __str__(self) -> str:
        return f"{self.by_id}: {self.outcome}"


class TaskComment(models.Model):
    """Something said about a task, without deciding it."""

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:40]


class TaskLink(models.Model):
    """A one-time link in a mail: opens one task for one person about one version. Only its SHA-256 is kept."""

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    document_version = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True, help_text="when its mail was handed to the mail server")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="one_link_by_person")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.user_id}"


class Absence(models.Model):
    """Days on which somebody does not decide, and who does instead (nobody: the other candidates)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences", verbose_name=_("person")
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("deputy"),
    )  # fmt: skip
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("absence"), _("absences")
        constraints = [
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="absence_has_days")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.first_day}–{self.last_day}"


class Acknowledgement(models.Model):
    """One person's confirmation to have read, or that it is awaited. Proof for the safety commissioner."""

    task = models.ForeignKey(HumanTask, on_delete=models.CASCADE, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    shift = models.CharField(max_length=40, blank=True, help_text="key of the shift before which it is due")
    due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    document_version = models.PositiveIntegerField(null=True, blank=True)
    chased = models.PositiveSmallIntegerField(default=0)
    chased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="one_acknowledgement_by_person")]
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(acknowledged_at__isnull=True), name="acknowledgement_awaited"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
