"""The frame around every staff page: places, the person, what may be uploaded, the words of the scripts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Department, Membership, User
from accounts.rights import Action, Rights, rights_of
from jobs.models import Alert
from kmrl.pages import labels, modules, waiting, wording
from realtime import log
from realtime.notices import reading
from workflows import analytics

SOURCE = "web"
"""The key of the source that uploads from these pages name."""


@dataclass(frozen=True)
class Place:
    """One entry of the rail."""

    name: str
    icon: str
    address: str
    here: bool
    count: int | None = None
    """How much waits there; None where nothing is counted."""


def rights(request: HttpRequest) -> Rights:
    """The rights of who asks, looked up once a request; and where the event log stood before the page was made."""
    found: Rights | None = getattr(request, "_rights", None)
    if found is None:
        request._position = log.position()  # type: ignore[attr-defined]
        found = rights_of(person(request))
        request._rights = found  # type: ignore[attr-defined]
    return found


def person(request: HttpRequest) -> User:
    """Who is signed in; pages are behind `login_required`."""
    assert isinstance(request.user, User)  # noqa: S101 - promised by login_required
    return request.user


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page `template` in its frame."""
    frame = {**around(request), "modules": modules.of(template)}
    return render(request, template, {**context, "frame": frame}, status=status)


def around(request: HttpRequest) -> dict[str, Any]:
    mine, user = rights(request), person(request)
    return {
        "places": _places(request, mine),
        "person": user.get_full_name() or user.get_username(),
        "roles": _roles(user),
        "administers": mine.administrator or mine.auditor,
        "figures": analytics.may_look(mine),
        "alerts": Alert.objects.filter(cleared_at=None).count() if mine.administrator else 0,
        "unread": reading.unread(mine.user_id),
        "uploads_to": uploads_to(mine),
        "query": request.GET.get("q", "") if request.path == reverse("search") else "",
        "source": SOURCE,
        "most_bytes": settings.MAX_UPLOAD_BYTES,
        "position": getattr(request, "_position", 0),
        "words": wording.of_scripts(),
    }


def uploads_to(mine: Rights) -> list[tuple[str, str]] | None:
    """The departments (key, name) that this person may upload to; None for who may upload nothing."""
    departments = [
        (department.key, labels.department(department))
        for department in Department.objects.filter(active=True)
        if mine.may(Action.UPLOAD, department_id=department.pk)
    ]
    own = mine.may(Action.UPLOAD, department_id=None, uploaded_by_id=mine.user_id)
    return departments if departments or own else None


def _places(request: HttpRequest, mine: Rights) -> list[Place]:
    wanted: list[tuple[str, str, str, int | None]] = [
        (_("Home"), "home", reverse("home"), None),
        (_("Documents"), "documents", reverse("documents"), None),
        (_("Waiting for me"), "tasks", reverse("tasks"), waiting.count(mine)),
        (_("Workflows"), "flow", reverse("workflows"), None),
        (_("Bin"), "bin", reverse("bin"), None),
    ]
    if mine.administrator:
        wanted.append((_("Queue"), "queue", reverse("admin:jobs_job_changelist"), None))
    here = request.path
    return [
        Place(name, icon, address, here=here == address or (address != "/" and here.startswith(address)), count=count)
        for name, icon, address, count in wanted
    ]


def _roles(user: User) -> list[str]:
    said = [user.get_house_role_display()] if user.house_role else []
    if user.is_superuser and not said:
        said = [_("Administrator")]
    memberships = Membership.objects.filter(user=user, department__active=True).select_related("department")
    return said + [f"{labels.department(m.department)}: {labels.role(m.role)}" for m in memberships]
