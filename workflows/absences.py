"""Who is away, from which day to which, and who decides instead. The days are those of the place where the house is."""

from datetime import date

from django.db import models, transaction
from django.db.models import Q

from accounts import history
from accounts.models import Membership, Role, User
from accounts.refusals import Conflict, NotAllowed, NotFound, Refusal
from accounts.rights import Action, Rights, rights_of
from workflows import deciding
from workflows.models import Absence

LONGEST = 366  # days


class Overlaps(Conflict):
    code, title = "overlaps", "There is an absence on these days already"


class BadAbsence(Refusal):
    """`errors` says it by field."""

    code, title = "bad_absence", "This absence cannot be kept"


def visible_to(rights: Rights) -> models.QuerySet[Absence]:
    """One's own, those whose deputy one is, those of the departments that one heads; auditors, administrators: all.

    A key that is bound to departments shows those alone that its owner sees as their head.
    """
    found = Absence.objects.select_related("user", "deputy").order_by("first_day", "pk")
    if not rights.scope_allows(Action.SEE):
        return found.none()
    if rights.sees_all:
        return found
    staff = Membership.objects.filter(department_id__in=_headed(rights)).values("user_id")
    if rights.bound:
        return found.filter(user_id__in=staff)
    return found.filter(Q(user_id=rights.user_id) | Q(deputy_id=rights.user_id) | Q(user_id__in=staff))


@transaction.atomic
def enter(
    *, user: User, first_day: date, last_day: date, deputy: User | None = None, note: str = "", by: User, rights: Rights
) -> Absence:
    """`user` is away on these days, both included; `deputy` decides for him.

    One's own; heads for their people, administrators for all. Raises NotAllowed, Overlaps, BadAbsence.
    """
    _hold(user)
    _refuse_stranger(user, rights)
    _refuse_borrowing(user, deputy, rights)
    absence = Absence(user=user, deputy=deputy, first_day=first_day, last_day=last_day, note=note.strip()[:200])
    check(absence)
    absence.save(force_insert=True)
    history.record("user", user.pk, "absence_entered", by=by, after=_said(absence))
    return absence


@transaction.atomic
def change(
    *,
    absence_id: int,
    first_day: date,
    last_day: date,
    deputy: User | None = None,
    note: str = "",
    by: User,
    rights: Rights,
) -> Absence:
    """Other days or another deputy. Raises NotFound, and what `enter` raises."""
    absence = _held(absence_id, rights)
    _refuse_borrowing(absence.user, deputy, rights)
    before = _said(absence)
    absence.first_day, absence.last_day, absence.deputy, absence.note = first_day, last_day, deputy, note.strip()[:200]
    check(absence)
    absence.save()
    history.record("user", absence.user_id, "absence_changed", by=by, before=before, after=_said(absence))
    return absence


@transaction.atomic
def remove(*, absence_id: int, by: User, rights: Rights) -> None:
    """`user` is here after all; what his deputy decided stays. Raises NotFound, NotAllowed."""
    absence = _held(absence_id, rights)
    history.record("user", absence.user_id, "absence_removed", by=by, before=_said(absence))
    absence.delete()


def may_enter_for(user: User, rights: Rights) -> bool:
    """Whether these rights may say when that person is away: no key that is bound, as a deputy decides everywhere."""
    if rights.auditor or rights.bound or not rights.scope_allows(Action.CONTROL):
        return False
    if user.pk == rights.user_id or rights.runs_house:
        return True
    return Membership.objects.filter(user=user, department_id__in=_headed(rights)).exists()


def _headed(rights: Rights) -> list[int]:
    return [pk for pk, role in rights.departments.items() if role == Role.HEAD]


def _hold(user: User) -> None:
    """So that two absences of one person are not entered at once."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def _held(absence_id: int, rights: Rights) -> Absence:
    found = visible_to(rights).filter(pk=absence_id).first()
    if found is None:
        raise NotFound
    _hold(found.user)
    _refuse_stranger(found.user, rights)
    again = Absence.objects.select_related("user", "deputy").filter(pk=absence_id).first()
    if again is None:
        raise NotFound
    return again


def _refuse_stranger(user: User, rights: Rights) -> None:
    if not may_enter_for(user, rights):
        raise NotAllowed("You may enter your own absences; heads enter those of their people.")


def _refuse_borrowing(user: User, deputy: User | None, rights: Rights) -> None:
    """A head gives away no voice that is not his department's: a deputy decides wherever the absent one does."""
    if deputy is None or user.pk == rights.user_id or rights.runs_house:
        return
    deciding_roles = Membership.objects.filter(user=user, role__in=deciding.DECIDING_ROLES, department__active=True)
    if deciding_roles.exclude(department_id__in=_headed(rights)).exists():
        wrong = "This person decides in other departments too. An administrator, or the person, names the deputy."
        raise BadAbsence(wrong, errors={"deputy": [wrong]})


def check(absence: Absence) -> None:
    """Whether it may be kept as it is. Raises BadAbsence, Overlaps."""
    if absence.last_day < absence.first_day:
        raise BadAbsence(errors={"last_day": ["The last day is before the first."]})
    if (absence.last_day - absence.first_day).days >= LONGEST:
        raise BadAbsence(errors={"last_day": ["An absence lasts a year at most."]})
    others = _on_these_days(absence.user, absence).exclude(pk=absence.pk)
    if (other := others.first()) is not None:
        raise Overlaps(f"There is an absence from {other.first_day} to {other.last_day} already. Change that one.")
    if absence.deputy is not None:
        _check_deputy(absence.deputy, absence)


def _check_deputy(deputy: User, absence: Absence) -> None:
    wrong = ""
    if deputy.pk == absence.user_id:
        wrong = "Nobody is his own deputy."
    elif not deputy.is_active:
        wrong = "This person is no longer active."
    elif not deciding.may_decide_at_all(rights_of(deputy)):
        wrong = "Only reviewers and heads of departments decide for others."
    elif _on_these_days(deputy, absence).exists():
        wrong = "This person is away on some of these days too."
    if wrong:
        raise BadAbsence(wrong, errors={"deputy": [wrong]})


def _on_these_days(user: User, absence: Absence) -> models.QuerySet[Absence]:
    return Absence.objects.filter(user=user, first_day__lte=absence.last_day, last_day__gte=absence.first_day)


def _said(absence: Absence) -> dict[str, object]:
    deputy = absence.deputy.get_username() if absence.deputy else None
    return {"first_day": absence.first_day, "last_day": absence.last_day, "deputy": deputy, "note": absence.note}
