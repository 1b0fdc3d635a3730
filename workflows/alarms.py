"""What somebody who started a run by hand is notified of: that it ended otherwise than done."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from realtime import audiences
from realtime.notices import kinds
from realtime.notices.kinds import Gathered, Kind
from realtime.notices.telling import News
from workflows.models import Instance, InstanceStatus

DONE = "done"


def _finished(told: Gathered) -> str:
    if not told.single:
        return ngettext(
            "%(n)s workflow that you started has ended", "%(n)s workflows that you started have ended", told.count
        ) % {"n": told.count}
    if told.first is None:
        return _("A workflow that you started has ended; you may no longer see it")
    if told.first["state"] == InstanceStatus.CANCELLED:
        return _("“%(title)s”, which you started, was cancelled") % {"title": told.first["title"]}
    return _("“%(title)s”, which you started, has ended: %(outcome)s") % {
        "title": told.first["title"],
        "outcome": told.first["outcome"],
    }


FINISHED = Kind(
    name="workflow.finished",
    label=gettext_lazy("A workflow that I started has ended otherwise than planned"),
    say=_finished,
    all_at="/workflows/?mine=1",
    icon="done",
)


def register() -> None:
    """Make it known."""
    kinds.register(FINISHED)


def of_end(instance: Instance, *, title: str, by: User | None) -> list[News]:
    """To who started it by hand, when it ended otherwise than done, and not by his own doing just now."""
    starter = instance.started_by_id
    if instance.reason.get("trigger") != "manual" or instance.outcome == DONE or starter is None:
        return []
    if by is not None and by.pk == starter:
        return []
    more = {"outcome": instance.outcome, "state": str(instance.status)}
    subject = audiences.workflow(instance.pk)
    return [News(kind=FINISHED, to=starter, subject=subject, title=title, more=more)]
