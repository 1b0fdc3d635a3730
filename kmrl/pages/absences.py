"""When somebody is away, and who decides instead: one's own, and (for heads) those of one's people."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Membership, Role, User
from accounts.refusals import NotFound, Refusal
from accounts.rights import Rights
from kmrl.pages import answering, frame
from workflows import absences, deciding
from workflows.absences import BadAbsence
from workflows.models import Absence
from workflows.tasks.standing import name_of

PEOPLE_SHOWN = 500


@dataclass(frozen=True)
class Row:
    """One absence; `changes`: the person who looks may change it."""

    absence: Absence
    name: str
    deputy: str
    own: bool
    now: bool
    past: bool
    changes: bool


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Who is away and when, the coming ones first; entering one."""
    if request.method == "POST":
        return _entered(request)
    return _page(request)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Other days, another deputy; or (`do=remove`) here after all."""
    mine, person, said = frame.rights(request), frame.person(request), request.POST
    try:
        if said.get("do") == "remove":
            absences.remove(absence_id=pk, by=person, rights=mine)
            return answering.done(request, _("The absence is removed."), to=reverse("absences"))
        absences.change(absence_id=pk, **_read(request), by=person, rights=mine)
    except NotFound as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        return _page(request, wrong=refusal, typed=said.dict(), of=pk)
    return answering.done(request, _("Saved."), to=reverse("absences"))


def _entered(request: HttpRequest) -> HttpResponse:
    mine, person, said = frame.rights(request), frame.person(request), request.POST
    try:
        user = person
        if said.get("user") and said["user"] != person.get_username():
            user = _named(said["user"])
        absences.enter(user=user, **_read(request), by=person, rights=mine)
    except Refusal as refusal:
        return _page(request, wrong=refusal, typed=said.dict())
    return answering.done(request, _("Saved. The deputy decides in these days."), to=reverse("absences"))


def _page(
    request: HttpRequest, *, wrong: Refusal | None = None, typed: dict[str, Any] | None = None, of: int = 0
) -> HttpResponse:
    mine = frame.rights(request)
    today = deciding.today()
    rows = [_row(one, mine, today) for one in absences.visible_to(mine)[:PEOPLE_SHOWN]]
    people = _people(mine)
    context = {
        "coming": [row for row in rows if not row.past],
        "past": [row for row in rows if row.past][::-1][:20],
        "people": people,
        "deputies": _deputies(mine),
        "others": len(people) > 1,
        "typed": typed or {},
        "of": of,
        "today": today.isoformat(),
        "refused": answering.in_words(wrong) if wrong else "",
        "wrong": {name: " ".join(said) for name, said in answering.errors(wrong).items()} if wrong else {},
        "enters": not mine.auditor,
    }
    return frame.show(request, "absences.html", context, status=wrong.status if wrong else 200)


def _read(request: HttpRequest) -> dict[str, Any]:
    """The days, the deputy and the note of the form. Raises BadAbsence."""
    said, wrong, days = request.POST, {}, {}
    for name in ("first_day", "last_day"):
        try:
            days[name] = date.fromisoformat(said.get(name, ""))
        except ValueError:
            wrong[name] = [_("Choose a day.")]
    if wrong:
        raise BadAbsence(_("Choose the first and the last day."), errors=wrong)
    deputy = _named(said["deputy"]) if said.get("deputy") else None
    return {**days, "deputy": deputy, "note": said.get("note", "")}


def _named(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        sentence = _("There is nobody of that name.")
        raise BadAbsence(sentence, errors={"deputy": [sentence]})
    return found


def _row(one: Absence, mine: Rights, today: date) -> Row:
    return Row(
        one,
        name_of(one.user),
        name_of(one.deputy) if one.deputy else "",
        one.user_id == mine.user_id,
        one.first_day <= today <= one.last_day,
        one.last_day < today,
        absences.may_enter_for(one.user, mine),
    )


def _people(mine: Rights) -> list[tuple[str, str]]:
    """For whom this person may say it (user name, name): himself, a head his people, administrators all."""
    found = User.objects.filter(is_active=True)
    if not mine.runs_house:
        headed = [pk for pk, role in mine.departments.items() if role == Role.HEAD]
        staff = Membership.objects.filter(department_id__in=headed).values("user_id")
        found = found.filter(pk__in=staff) | found.filter(pk=mine.user_id)
    ordered = sorted(found[:PEOPLE_SHOWN], key=lambda one: (one.pk != mine.user_id, name_of(one)))
    return [(one.get_username(), name_of(one)) for one in ordered]


def _deputies(mine: Rights) -> list[tuple[str, str]]:
    """Who decides anything at all: reviewers and heads."""
    ids = Membership.objects.filter(role__in=deciding.DECIDING_ROLES, department__active=True).values("user_id")
    found = User.objects.filter(pk__in=ids, is_active=True)[:PEOPLE_SHOWN]
    return [(one.get_username(), name_of(one)) for one in sorted(found, key=name_of)]
