"""What people are notified of about confirmations to have read: that they are asked, asked again, and who is behind."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from realtime import audiences
from realtime.models import Mail
from realtime.notices import kinds
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News
from workflows.models import HumanTask


def _called(item: dict[str, Any]) -> str:
    malayalam = (get_language() or "").startswith("ml")
    return str((item.get("name_ml") if malayalam else "") or item.get("name", ""))


def _asked(told: Gathered) -> str:
    if not told.single:
        return ngettext("Read and confirm %(n)s document", "Read and confirm %(n)s documents", told.count) % {
            "n": told.count
        }
    if told.first is None:
        return _("You were asked to read something; you may no longer see it")
    return _("Read and confirm: “%(title)s”") % {"title": told.first["title"] or _called(told.first)}


def _chased(told: Gathered) -> str:
    if not told.single:
        return ngettext(
            "%(n)s document still waits for you to read and confirm it",
            "%(n)s documents still wait for you to read and confirm them",
            told.count,
        ) % {"n": told.count}
    if told.first is None:
        return _("Something still waits for you to read it; you may no longer see it")
    return _("“%(title)s” still waits for you to read and confirm it") % {
        "title": told.first["title"] or _called(told.first)
    }


def _behind(told: Gathered) -> str:
    if not told.single:
        return ngettext(
            "%(n)s document has not been confirmed by all of your people",
            "%(n)s documents have not been confirmed by all of your people",
            told.count,
        ) % {"n": told.count}
    if told.first is None:
        return _("Some of your people have not confirmed what you may no longer see")
    return ngettext(
        "%(n)s person has not confirmed “%(title)s”", "%(n)s people have not confirmed “%(title)s”", told.first["open"]
    ) % {"n": told.first["open"], "title": told.first["title"] or _called(told.first)}


ASKED = Kind(
    name="acknowledge.asked",
    label=gettext_lazy("I am asked to read and confirm"),
    say=_asked,
    importance=Importance.HIGH,
    mail=Mail.AT_ONCE,
    all_at="/tasks/",
    icon="documents",
)
CHASED = Kind(
    name="acknowledge.chased",
    label=gettext_lazy("I have not confirmed yet to have read something"),
    say=_chased,
    importance=Importance.URGENT,
    window=timedelta(minutes=10),
    mail=Mail.AT_ONCE,
    all_at="/tasks/",
    icon="attention",
)
BEHIND = Kind(
    name="acknowledge.behind",
    label=gettext_lazy("People of my department have not confirmed to have read something"),
    say=_behind,
    importance=Importance.HIGH,
    mail=Mail.HOURLY,
    all_at="/tasks/",
    icon="attention",
)


def register() -> None:
    """Make them known."""
    for kind in (ASKED, CHASED, BEHIND):
        kinds.register(kind)


def of_asked(task: HumanTask, *, to: Iterable[int]) -> list[News]:
    """That these people are to read and confirm."""
    return _about(ASKED, task, to)


def of_chased(task: HumanTask, *, to: Iterable[int]) -> list[News]:
    """That these people still have not."""
    return _about(CHASED, task, to)


def of_behind(task: HumanTask, *, to: Iterable[int], still_open: int) -> list[News]:
    """To heads: so many have not."""
    return _about(BEHIND, task, to, open=still_open)


def _about(kind: Kind, task: HumanTask, to: Iterable[int], **more: Any) -> list[News]:
    title = task.document.title if task.document else ""
    said = {"name": task.title, "name_ml": task.title_ml, **more}
    subject = audiences.task(task.pk)
    return [News(kind=kind, to=pk, subject=subject, title=title, more=said) for pk in sorted(set(to))]
