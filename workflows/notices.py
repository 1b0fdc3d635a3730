"""What people are notified of about tasks and runs: kinds, and the news of each. Fifty tasks at once are one notice.

A subject is `task:<id>` or `workflow:<id>`: what its reader may no longer see is not told.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.rights import Rights
from realtime import audiences
from realtime.models import Mail
from realtime.notices import kinds
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News
from workflows import deciding
from workflows.models import HumanTask, Incident, Instance


def _decides(rights: Rights) -> bool:
    return deciding.may_decide_at_all(rights)


def _runs_house(rights: Rights) -> bool:
    return rights.runs_house


def _called(item: dict[str, Any]) -> str:
    """The task or step in the reader's language."""
    malayalam = (get_language() or "").startswith("ml")
    return str((item.get("name_ml") if malayalam else "") or item.get("name", ""))


def _assigned(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s task waits for you", "%(n)s tasks wait for you", told.count) % {"n": told.count}
    if told.first is None:
        return _("A task waited for you; you may no longer see it")
    if not told.first["title"]:
        return _("“%(task)s” waits for you") % {"task": _called(told.first)}
    return _("“%(task)s” waits for you: “%(title)s”") % {"task": _called(told.first), "title": told.first["title"]}


def _follow_up(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s task still waits for you", "%(n)s tasks still wait for you", told.count) % {
            "n": told.count
        }
    if told.first is None:
        return _("A task still waits for you; you may no longer see it")
    return _("“%(task)s” still waits for you") % {"task": _called(told.first)}


def _escalated(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s task was not decided in time", "%(n)s tasks were not decided in time", told.count) % {
            "n": told.count
        }
    if told.first is None:
        return _("A task was not decided in time; you may no longer see it")
    return _("“%(task)s” was not decided in time") % {"task": _called(told.first)}


def _warning(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s deadline comes near", "%(n)s deadlines come near", told.count) % {"n": told.count}
    if told.first is None:
        return _("A deadline comes near; you may no longer see of what")
    return _("The deadline of “%(name)s” comes near") % {"name": _called(told.first)}


def _incident(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s workflow stands still", "%(n)s workflows stand still", told.count) % {"n": told.count}
    if told.first is None:
        return _("A workflow stands still; you may no longer see it")
    return _("“%(title)s” stands still at “%(step)s”") % {"title": told.first["title"], "step": _called(told.first)}


def _nobody(told: Gathered) -> str:
    if not told.single:
        return ngettext(
            "%(n)s task has too few people who can decide it",
            "%(n)s tasks have too few people who can decide them",
            told.count,
        ) % {"n": told.count}
    if told.first is None:
        return _("A task had nobody who can decide it; it is no longer there")
    return _("“%(task)s” has too few people who can decide it") % {"task": _called(told.first)}


ASSIGNED = Kind(
    name="task.assigned",
    label=gettext_lazy("A task waits for me"),
    say=_assigned,
    importance=Importance.HIGH,
    mail=Mail.DAILY,
    all_at="/tasks/",
    icon="done",
    concerns=_decides,
)
FOLLOW_UP = Kind(
    name="task.follow_up",
    label=gettext_lazy("A reminder of a task that waits for me"),
    say=_follow_up,
    mail=Mail.DAILY,
    all_at="/tasks/",
    icon="attention",
    concerns=_decides,
)
ESCALATED = Kind(
    name="task.escalated",
    label=gettext_lazy("A task was not decided in time"),
    say=_escalated,
    importance=Importance.HIGH,
    mail=Mail.HOURLY,
    all_at="/tasks/",
    icon="attention",
)
WARNING = Kind(
    name="sla.warning",
    label=gettext_lazy("A deadline comes near"),
    say=_warning,
    importance=Importance.HIGH,
    all_at="/tasks/",
    icon="attention",
)
INCIDENT = Kind(
    name="workflow.incident",
    label=gettext_lazy("A workflow stands still"),
    say=_incident,
    importance=Importance.HIGH,
    mail=Mail.HOURLY,
    icon="failed",
)
NOBODY = Kind(
    name="task.nobody",
    label=gettext_lazy("Nobody can decide a task"),
    say=_nobody,
    importance=Importance.URGENT,
    mail=Mail.HOURLY,
    icon="attention",
    concerns=_runs_house,
)


def register() -> None:
    """Make them known."""
    for kind in (ASSIGNED, FOLLOW_UP, ESCALATED, WARNING, INCIDENT, NOBODY):
        kinds.register(kind)


def of_assigned(task: HumanTask, *, to: Iterable[int]) -> list[News]:
    """That a task waits for these people."""
    return _about(ASSIGNED, task, to)


def of_follow_up(task: HumanTask, *, to: Iterable[int]) -> list[News]:
    """That it still does."""
    return _about(FOLLOW_UP, task, to)


def of_escalated(task: HumanTask, *, to: Iterable[int], detail: str = "") -> list[News]:
    """That a rung of its ladder was taken."""
    return _about(ESCALATED, task, to, detail=detail)


def of_warning(instance: Instance, *, to: Iterable[int], task: HumanTask | None = None) -> list[News]:
    """That a deadline comes near: of the task, or of the whole run."""
    if task is not None:
        return _about(WARNING, task, to)
    more = {"name": instance.definition.title, "name_ml": instance.definition.title_ml}
    subject, title = audiences.workflow(instance.pk), _title(instance)
    return [News(kind=WARNING, to=pk, subject=subject, title=title, more=more) for pk in sorted(set(to))]


def of_incident(instance: Instance, incident: Incident, *, to: Iterable[int], step_title: str = "") -> list[News]:
    """That a run waits for somebody to look at what failed."""
    return [
        News(
            kind=INCIDENT,
            to=pk,
            subject=audiences.workflow(instance.pk),
            title=instance.definition.title,
            detail=incident.detail,
            more={"name": step_title or incident.step},
        )
        for pk in sorted(set(to))
    ]


def of_nobody(task: HumanTask, *, detail: str, to: Iterable[int]) -> list[News]:
    """To those who run the house: too few can decide it."""
    return _about(NOBODY, task, to, detail=detail)


def _about(kind: Kind, task: HumanTask, to: Iterable[int], *, detail: str = "") -> list[News]:
    title = task.document.title if task.document else ""
    more = {"name": task.title, "name_ml": task.title_ml}
    subject = audiences.task(task.pk)
    return [News(kind=kind, to=pk, subject=subject, title=title, detail=detail, more=more) for pk in sorted(set(to))]


def _title(instance: Instance) -> str:
    return instance.document.title if instance.document else instance.definition.title
