"""A run as a picture: the version that it runs, where its tokens stand, who has what and since when."""

from typing import Any

from django.utils import timezone

from workflows import bodies, drawing
from workflows.engine.state import INCIDENT, INSIDE
from workflows.models import HumanTask, Instance, InstanceStatus, StepRun
from workflows.tasks.standing import name_of


def of_run(instance: Instance, *, language: str = "en") -> str:
    """As SVG, in English (`en`) or Malayalam (`ml`)."""
    return drawing.svg(bodies.of(instance.version_id).data, tokens=tokens_of(instance), language=language)


def tokens_of(instance: Instance) -> list[drawing.Token]:
    """What was left as done, then where it stands now; two queries."""
    passages = list(StepRun.objects.filter(instance=instance.pk).values_list("token", "step", "entered_at", "left_at"))
    since = {token: entered for token, _, entered, left in passages if left is None}
    tasks = HumanTask.objects.undecided().filter(instance=instance.pk).select_related("assignee")
    who = {task.token: name_of(task.assignee) for task in tasks if task.assignee is not None}
    standing: dict[str, dict[str, Any]] = instance.state.get("tokens") or {}
    found = [drawing.Token(step=step, state="done") for step in sorted({step for _, step, _, left in passages if left})]
    for number, token in sorted(standing.items(), key=lambda one: int(one[0])):
        if token["state"] == INSIDE:
            continue
        at = since.get(int(number))
        found.append(
            drawing.Token(
                step=token["step"],
                state=_state(token["state"], instance),
                who=who.get(int(number), ""),
                since=timezone.localtime(at).strftime("%d.%m. %H:%M") if at else "",
            )
        )
    return found


def _state(state: str, instance: Instance) -> str:
    if state == INCIDENT:
        return "incident"
    return "paused" if instance.status == InstanceStatus.PAUSED else "waiting"
