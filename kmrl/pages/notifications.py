"""The bell, one's notifications, and the page on which one chooses what one is told."""

from dataclasses import dataclass, replace
from datetime import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import NotFound, Refusal
from kmrl.pages import frame, reasons
from realtime import audiences
from realtime.models import Mail
from realtime.notices import following, kinds, preferences, reading
from realtime.notices.preferences import Preferences, Quiet
from realtime.notices.reading import Shown

AT_BELL, ROWS = 10, 40
MAILS = {
    Mail.NEVER: gettext_lazy("never"),
    Mail.AT_ONCE: gettext_lazy("at once"),
    Mail.HOURLY: gettext_lazy("every hour"),
    Mail.DAILY: gettext_lazy("once a day"),
}


@dataclass(frozen=True)
class Page:
    """Some notifications, and the serial behind which more come (0: none)."""

    rows: list[Shown]
    after: int


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All of one's own, what changed last first."""
    mine = frame.rights(request)
    unread, kind = request.GET.get("unread") == "1", request.GET.get("kind", "")
    page = _page(request, unread=unread, kind=kind, after=_serial(request.GET.get("after", "")), rows=ROWS)
    here = reverse("notifications")
    more = _address(here, unread=unread, kind=kind, after=page.after) if page.after else ""
    context: dict[str, Any] = {"rows": page.rows, "more": more, "tools": True}
    if request.headers.get("X-Rows"):  # "Load more" asks for the rows alone
        answer = render(request, "notifications/rows.html", context)
        answer["X-More"] = more
        answer["Vary"] = "X-Rows"
        return answer
    chosen = [(one.name, one.label, _address(here, unread=unread, kind=one.name)) for one in kinds.concerning(mine)]
    context |= {
        "unread_only": unread,
        "kind": kind,
        "kind_name": {name: label for name, label, _to in chosen}.get(kind, kind),
        "kinds": chosen,
        "all_at": _address(here, kind=kind),
        "unread_at": _address(here, unread=True, kind=kind),
        "without_kind": _address(here, unread=unread),
        "here": _address(here, unread=unread, kind=kind),
    }
    return frame.show(request, "notifications/list.html", context)


@login_required
@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """What the bell shows, as rows; `X-Unread` says how many are not read, `X-Position` up to where that is known."""
    mine = frame.rights(request)
    position = reading.position()
    page = _page(request, unread=False, kind="", after=0, rows=AT_BELL)
    answer = render(request, "notifications/rows.html", {"rows": page.rows})
    answer["X-Unread"], answer["X-Position"] = str(reading.unread(mine.user_id)), str(position)
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Marks one read, or all that the page had shown."""
    mine = frame.rights(request)
    if one := _serial(request.POST.get("id", "")):
        reading.mark_read(mine.user_id, ids=[one])
    else:
        reading.mark_read(mine.user_id, upto=_serial(request.POST.get("upto", "")))
    unread = request.POST.get("unread") == "1"
    return HttpResponseRedirect(
        _address(reverse("notifications"), unread=unread, kind=request.POST.get("kind", "")[:40])
    )


@login_required
@require_POST
def follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Has a document's new versions told, or no longer."""
    mine, subject = frame.rights(request), audiences.document(pk)
    try:
        if request.POST.get("follow") == "1":
            following.follow(subject, rights=mine)
        else:
            following.unfollow(subject, rights=mine)
    except NotFound as refusal:
        raise Http404 from refusal
    return HttpResponseRedirect(reverse("document", args=[pk]))


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """What one is told, at the bell and by mail, and when not."""
    mine, person = frame.rights(request), frame.person(request)
    chosen = preferences.of(mine.user_id, mine)
    wrong: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            _save(request, chosen)
        except Refusal as refusal:
            wrong = refusal.errors or {"": [refusal.detail]}
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("notification-preferences"))
    context = {
        "chosen": chosen,
        "wrong": wrong,
        "mails": list(MAILS.items()),
        "zones": sorted(preferences.zones()),
        "languages": settings.LANGUAGES,
        "address": person.email,
        "has_server": bool(settings.EMAIL_HOST),
        "quiet": chosen.quiet or Quiet(time(21), time(7)),
    }
    return frame.show(request, "notifications/preferences.html", context, status=400 if wrong else 200)


def _save(request: HttpRequest, known: Preferences) -> None:
    mine, said = frame.rights(request), request.POST
    quiet = None
    if said.get("quiet"):
        quiet = Quiet(_time(said.get("quiet_from", "")), _time(said.get("quiet_to", "")))
    preferences.save(
        mine.user_id,
        mine,
        choices={
            one.kind.name: (bool(said.get(f"in_app.{one.kind.name}")), said.get(f"mail.{one.kind.name}", Mail.NEVER))
            for one in known.choices
        },
        quiet=quiet,
        zone=said.get("timezone", ""),
        language=said.get("language", ""),
    )


def _time(said: str) -> time:
    try:
        return time.fromisoformat(said)
    except ValueError:
        detail = _("Write from when to when, like 21:00 and 07:00.")
        raise Refusal(detail, errors={"quiet": [detail]}) from None


def _page(request: HttpRequest, *, unread: bool, kind: str, after: int, rows: int) -> Page:
    mine = frame.rights(request)
    found = reading.of(mine.user_id, unread=unread, kind=kind).order_by("-serial")
    if after:
        found = found.filter(serial__lt=after)
    notices = list(found[: rows + 1])
    shown = [
        replace(one, detail=reasons.in_words(one.detail)) if one.detail else one
        for one in reading.shown(notices[:rows], mine)
    ]
    return Page(shown, notices[rows - 1].serial if len(notices) > rows else 0)


def _address(path: str, *, unread: bool = False, kind: str = "", after: int = 0) -> str:
    asked = {"unread": "1" if unread else "", "kind": kind, "after": after or ""}
    query = urlencode({name: said for name, said in asked.items() if said})
    return f"{path}?{query}" if query else path


def _serial(said: str) -> int:
    if not said:
        return 0
    if not (said.isascii() and said.isdecimal()) or len(said) > 18:
        raise Http404
    return int(said)
