"""Filters that people keep under a name, each for himself."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.refusals import Refusal
from documents.models import SavedView

AT_MOST = 30


class NotKept(Refusal):
    """The view cannot be kept as it was given."""

    status, code, title = 422, "not_kept", "This view cannot be kept"


def of(user: User) -> QuerySet[SavedView]:
    """This person's, by name."""
    return SavedView.objects.filter(user=user)


@transaction.atomic
def keep(*, name: str, query: str, by: User) -> SavedView:
    """Keeps `query` under `name`; a name that he has already gets the new filters. Raises NotKept."""
    name = " ".join(name.split())
    if not name or not query:
        raise NotKept("A view needs a name and filters.")
    if len(name) > 60 or len(query) > 500:
        raise NotKept("The name or the filters are too long.")
    User.objects.select_for_update().get(pk=by.pk)  # or two at once go past the limit
    mine = of(by)
    if not mine.filter(name=name).exists() and mine.count() >= AT_MOST:
        raise NotKept(f"There are {AT_MOST} views already. Remove one first.")
    return SavedView.objects.update_or_create(user=by, name=name, defaults={"query": query})[0]


def remove(*, pk: int, by: User) -> None:
    """Removes a view of his own; others' and what is gone are left alone."""
    of(by).filter(pk=pk).delete()
