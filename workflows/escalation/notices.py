"""What people are notified of when deadlines pass. (That one comes near, and of tasks' rungs: `workflows.notices`.)"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.rights import Rights
from realtime import audiences
from realtime.models import Mail
from realtime.notices import kinds, telling
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News
from workflows.models import HumanTask, Instance


def _runs_house(rights: Rights) -> bool:
    return rights.runs_house


def _called(item: dict[str, Any]) -> str:
    malayalam = (get_language() or "").startswith("ml")
    return str((item.get("name_ml") if malayalam else "") or item.get("name", ""))


def _breached(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s deadline has passed", "%(n)s deadlines have passed", told.count) % {"n": told.count}
    if told.first is None:
        return _("A deadline has passed; you may no longer see of what")
    return _("The deadline of “%(name)s” has passed") % {"name": _called(told.first)}


def _late(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s workflow takes long", "%(n)s workflows take long", told.count) % {"n": told.count}
    if told.first is None:
        return _("A workflow takes long; you may no longer see it")
    return _("“%(name)s” takes long: “%(title)s”") % {"name": _called(told.first), "title": told.first["title"]}


def _stuck(told: Gathered) -> str:
    if told.first is None or not told.single:
        return ngettext(
            "%(n)s escalation could not be carried out", "%(n)s escalations could not be carried out", told.count
        ) % {"n": told.count}
    return _("The escalation of “%(name)s” could not be carried out") % {"name": _called(told.first)}


BREACHED = Kind(
    name="sla.breached",
    label=gettext_lazy("A deadline has passed"),
    say=_breached,
    importance=Importance.HIGH,
    mail=Mail.HOURLY,
    all_at="/tasks/",
    icon="attention",
)
LATE = Kind(
    name="workflow.late",
    label=gettext_lazy("A workflow takes long"),
    say=_late,
    importance=Importance.HIGH,
    all_at="/workflows/",
    icon="attention",
)
STUCK = Kind(
    name="sla.stuck",
    label=gettext_lazy("An escalation could not be carried out"),
    say=_stuck,
    importance=Importance.HIGH,
    window=timedelta(days=1),
    icon="failed",
    concerns=_runs_house,
)


def register() -> None:
    """Make them known."""
    for kind in (BREACHED, LATE, STUCK):
        kinds.register(kind)


def of_breached(instance: Instance, task: HumanTask | None, *, to: Iterable[int]) -> list[News]:
    """That a deadline has passed: of the task, or of the run."""
    return _about(BREACHED, instance, task, to)


def of_late(instance: Instance, *, to: Iterable[int]) -> list[News]:
    """That a rung of the run's own ladder was taken."""
    return _about(LATE, instance, None, to)


def of_stuck(instance: Instance, task: HumanTask | None, *, detail: str) -> list[News]:
    """To those who run the house: a rung could not be taken, and why."""
    return _about(STUCK, instance, task, telling.administrators(), detail=detail)


def _about(
    kind: Kind, instance: Instance, task: HumanTask | None, to: Iterable[int], *, detail: str = ""
) -> list[News]:
    if task is not None:
        subject, more = audiences.task(task.pk), {"name": task.title, "name_ml": task.title_ml}
    else:
        definition = instance.definition
        subject, more = audiences.workflow(instance.pk), {"name": definition.title, "name_ml": definition.title_ml}
    title = instance.document.title if instance.document else instance.definition.title
    return [News(kind=kind, to=pk, subject=subject, title=title, detail=detail, more=more) for pk in sorted(set(to))]
