"""Showing a document to others than its department: whom a workflow asks must be able to look at what he decides on.

It gives sight, and nothing else: who corrects, cancels or bins stays as it was. A document for named people only is
never widened by this; while its access is `restricted`, what was shared before shows nothing.
"""

from collections.abc import Collection, Iterable

from django.utils import timezone

from accounts import history
from accounts.models import Department, Membership, User
from documents import saying
from documents.audience import audience_of
from documents.models import Access, Document, Share
from realtime import events


def show(
    document: Document,
    *,
    departments: Iterable[Department] = (),
    people: Iterable[User] = (),
    by: User | None,
    because: str,
) -> bool:
    """Show it to these as well; whether anything changed. The caller holds the document's row lock.

    Who sees it already is left out. False, and nothing done, for a document for named people only.
    """
    if document.access != Access.DEPARTMENT:
        return False
    places = _without_sight(document, departments)
    users = _people_without_sight(document, people, {one.pk for one in places})
    if not places and not users:
        return False
    now = timezone.now()
    rows = [Share(document=document, department=one, because=because[:200], at=now) for one in places]
    rows += [Share(document=document, user=one, because=because[:200], at=now) for one in users]
    Share.objects.bulk_create(rows)
    if not document.shared:
        document.shared = True
        document.save(update_fields=["shared"])
    said = {"departments": [one.key for one in places], "people": [one.get_username() for one in users]}
    history.record("document", document.pk, "shared", by=by, after=said, note=because)
    events.tell(saying.status(document, document.newest), to=audience_of(document))
    return True


def shown_to(document: Document) -> list[Share]:
    """The departments and people to whom it is shown beside its own, oldest first."""
    if not document.shared or document.access != Access.DEPARTMENT:
        return []
    return list(document.shares.select_related("department", "user").order_by("pk"))


def reached(document: Document, user_ids: Collection[int]) -> set[int]:
    """Those of these people to whom it is shown: by themselves, or by a department that they are in."""
    if not document.shared or document.access != Access.DEPARTMENT:
        return set()
    shares = Share.objects.filter(document=document)
    named = shares.filter(user_id__in=user_ids).values_list("user_id", flat=True)
    places = shares.filter(department__isnull=False, department__active=True).values("department_id")
    members = Membership.objects.filter(user_id__in=user_ids, department_id__in=places)
    return {*named, *members.values_list("user_id", flat=True)}


def _without_sight(document: Document, departments: Iterable[Department]) -> list[Department]:
    wanted = {one.pk: one for one in departments if one.pk != document.department_id}
    if not wanted:
        return []
    there = Share.objects.filter(document=document, department_id__in=wanted).values_list("department_id", flat=True)
    return [one for pk, one in sorted(wanted.items()) if pk not in set(there)]


def _people_without_sight(document: Document, people: Iterable[User], places: set[int]) -> list[User]:
    wanted = {one.pk: one for one in people}
    if not wanted:
        return []
    own = {document.department_id} if document.department_id is not None else set()
    members = Membership.objects.filter(user_id__in=wanted, department_id__in=own | places)
    sees = {*members.values_list("user_id", flat=True), *reached(document, list(wanted))}
    if document.department_id is None:
        sees.add(document.uploaded_by_id)
    return [
        one for pk, one in sorted(wanted.items()) if pk not in sees and not one.is_administrator and not one.is_auditor
    ]
