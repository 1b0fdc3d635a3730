"""What administrators are notified of: jobs that were given up, and alerts about the house."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.rights import Rights
from jobs.models import Alert, Job
from realtime import audiences
from realtime.notices import kinds, telling
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News


def _runs_house(rights: Rights) -> bool:
    return rights.runs_house


def _dead(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s jobs were given up", "%(n)s jobs were given up", told.count) % {"n": told.count}
    if told.first is None:
        return _("A job was given up; it is no longer there")
    return _("A job was given up: %(kind)s") % {"kind": told.first["title"]}


def _alert(told: Gathered) -> str:
    if told.first is None:
        return _("An alert about the house, which you no longer look after")
    said = _("Over: %(name)s") if told.first["cleared"] else _("Alert: %(name)s")
    return said % {"name": told.first["title"]}


DEAD = Kind(
    name="job.dead",
    label=gettext_lazy("A job was given up"),
    say=_dead,
    importance=Importance.HIGH,
    all_at="/admin/queue/jobs/?state=dead",
    icon="queue",
    concerns=_runs_house,
)
ALERT = Kind(
    name="system.alert",
    label=gettext_lazy("Something is wrong with the house, or right again"),
    say=_alert,
    importance=Importance.URGENT,
    window=timedelta(days=1),
    all_at="/admin/jobs/alert/?standing=open",
    icon="attention",
    concerns=_runs_house,
)


def register() -> None:
    """Make them known."""
    kinds.register(DEAD)
    kinds.register(ALERT)


def of_dead(jobs: Sequence[Job]) -> list[News]:
    """To everybody who runs the house."""
    if not jobs:
        return []
    people = telling.administrators()
    return [
        News(kind=DEAD, to=pk, subject=audiences.job(job.pk), title=job.kind, detail=job.error_detail)
        for job in jobs
        for pk in people
    ]


def of_alerts(moved: Sequence[Alert]) -> list[News]:
    """That alerts were raised, or are over; each joins what is not read yet about the same thing."""
    people = telling.administrators() if moved else []
    return [
        News(
            kind=ALERT,
            to=pk,
            subject=f"alert:{alert.pk}",
            title=str(alert),
            detail="" if alert.cleared_at else alert.text,
            more={"cleared": alert.cleared_at is not None},
            group=str(alert),
            importance=_importance(alert),
        )
        for alert in moved
        for pk in people
    ]


def _importance(alert: Alert) -> Importance:
    if alert.cleared_at is not None:
        return Importance.NORMAL
    return Importance.URGENT if alert.level == Alert.Level.ERROR else Importance.HIGH
