"""What is at hand while something on a clock's way happens."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts import history
from accounts.models import Role
from realtime.notices import telling as notifying
from workflows import clock as time
from workflows.deeds import SUBJECT
from workflows.models import HumanTask, Instance, SlaClock, TaskKind
from workflows.tasks import asking, people


@dataclass
class Passing:
    """A clock with its run, which is held, and its task, locked, if it has one.

    `clock` is None for a task that has a due date alone; `due_at` is when what happens should have happened.
    """

    instance: Instance
    task: HumanTask | None
    clock: SlaClock | None = None
    due_at: datetime = field(default_factory=time.now)

    @property
    def step(self) -> str:
        return self.clock.step if self.clock else self.task.step if self.task else ""

    @property
    def token(self) -> int | None:
        return self.clock.token if self.clock else self.task.token if self.task else None

    @property
    def target(self) -> str:
        """The deadline's name for people."""
        return str(self.clock.spec.get("target", "")) if self.clock else ""

    @property
    def late_seconds(self) -> int:
        """How long after its time this happens."""
        return max(0, int((time.now() - self.due_at).total_seconds()))

    def record(self, action: str, *, note: str = "", **after: Any) -> None:
        """An entry of the run's history that says how late it came."""
        said: dict[str, Any] = {"step": self.step, "token": self.token, "due_at": self.due_at, **after}
        if self.task is not None:
            said["task"] = str(self.task.pk)
        said["late_seconds"] = self.late_seconds
        history.record(SUBJECT, self.instance.pk, action, by=None, after=said, note=note)

    def asked(self) -> set[int]:
        """Whom it waits for: who has taken the task, may decide it, or has not confirmed; else the heads."""
        task = self.task
        if task is None:
            return self.heads()
        if task.kind == TaskKind.ACKNOWLEDGE:
            return set(task.acknowledgements.filter(acknowledged_at=None).values_list("user_id", flat=True))
        deciders = set(asking.deciders(task).deciders)
        if task.assignee_id in deciders:
            return {task.assignee_id}
        return deciders or self.heads()

    def heads(self) -> set[int]:
        """The heads of the task's department, or the run's; without one those who run the house."""
        department = (self.task.department if self.task else None) or self.instance.department
        if department is None:
            return set(notifying.administrators())
        entry = {"department": department.key, "role": str(Role.HEAD)}
        found = people.everybody(people.read([entry], instance=self.instance))
        return {user.pk for user in found} or set(notifying.administrators())
