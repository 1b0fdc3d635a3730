"""The home page: what of mine is in work, what failed and why, how the day went."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Department
from accounts.rights import Rights
from documents.models import Document, Status
from documents.models.document import IN_WORK
from documents.visibility import DocumentQuerySet
from kmrl.pages import day, frame, labels, waiting, wellbeing
from kmrl.pages.rows import ready, rows_of
from workflows import deciding

MINE_SHOWN, FAILURES_SHOWN, RECENT_SHOWN, WAITING_SHOWN = 12, 6, 8, 8


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    mine = frame.rights(request)
    seen = Document.objects.visible_to(mine).outside_bin()
    work = seen.filter(uploaded_by_id=mine.user_id, status__in=IN_WORK)
    failures = _failures(seen, mine)
    return frame.show(
        request,
        "home.html",
        {
            "greeting": _greeting(frame.person(request).get_full_name()),
            "waiting": waiting.first(mine, WAITING_SHOWN),
            "decides": deciding.may_decide_at_all(mine),
            "work": rows_of(ready(work).order_by("uploaded_at", "id")[:MINE_SHOWN], mine, places=True),
            "work_count": work.count(),
            "failures": rows_of(failures, mine),
            "own_failures": _only_own(mine),
            "day": day.of(seen),
            "wellbeing": wellbeing.of(mine),
            "day_of": _whose(mine),
            "recent": rows_of(ready(seen).order_by("-uploaded_at", "-id")[:RECENT_SHOWN], mine),
        },
    )


def _failures(seen: DocumentQuerySet, mine: Rights) -> DocumentQuerySet:
    """Of the last seven days: one's own for clerks, the departments' for who decides there, all for the house."""
    since = timezone.now() - timedelta(days=7)
    failed = seen.filter(status=Status.FAILED, settled_at__gte=since)
    if _only_own(mine):
        failed = failed.filter(uploaded_by_id=mine.user_id)
    return ready(failed).order_by("-settled_at", "-id")[:FAILURES_SHOWN]


def _only_own(mine: Rights) -> bool:
    """Whether this person is told of failures of what he has sent himself, and of no others."""
    return not mine.sees_all and not set(mine.departments.values()) - {"clerk"}


def _whose(mine: Rights) -> str:
    if mine.sees_all:
        return _("The whole house")
    names = [labels.department(one) for one in Department.objects.filter(pk__in=list(mine.departments))[:2]]
    if len(mine.departments) == 1 and names:
        return names[0]
    return _("My departments") if names else _("My documents")


def _greeting(name: str) -> str:
    hour = timezone.localtime().hour
    part = _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 17 else _("Good evening")
    return f"{part}, {name}" if name else part
