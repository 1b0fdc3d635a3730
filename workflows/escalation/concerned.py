"""Whom something on a clock's way concerns."""

from accounts.models import Role
from realtime.notices import telling as notifying
from workflows.models import HumanTask, Instance, TaskKind
from workflows.tasks import asking, people


def asked(instance: Instance, task: HumanTask | None) -> set[int]:
    """Whom it waits for: who has taken the task, may decide it, or has not confirmed; else the heads."""
    if task is None:
        return heads(instance, task)
    if task.kind == TaskKind.ACKNOWLEDGE:
        return set(task.acknowledgements.filter(acknowledged_at=None).values_list("user_id", flat=True))
    deciders = set(asking.deciders(task).deciders)
    if task.assignee_id in deciders:
        return {task.assignee_id}
    return deciders or heads(instance, task)


def heads(instance: Instance, task: HumanTask | None) -> set[int]:
    """The heads of the task's department, or the run's; without one those who run the house."""
    department = (task.department if task else None) or instance.department
    if department is None:
        return set(notifying.administrators())
    entry = {"department": department.key, "role": str(Role.HEAD)}
    found = people.everybody(people.read([entry], instance=instance))
    return {user.pk for user in found} or set(notifying.administrators())
