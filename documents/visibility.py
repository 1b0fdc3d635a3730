"""Who may see a document: the only door for API, admin, search, sockets and downloads."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.rights import Rights

if TYPE_CHECKING:
    pass


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, rights: Rights) -> "DocumentQuerySet":
        """The documents that these rights show, the bin included; see `outside_bin`."""
        if rights.sees_all:
            return self
        departments = list(rights.departments)
        named = self.model.people.through.objects.filter(user_id=rights.user_id).values("document_id")
        return self.filter(
            Q(access="department", department_id__in=departments)
            | Q(access="department", department_id=None, uploaded_by_id=rights.user_id)
            | Q(access="restricted", pk__in=named)
        ).exclude(status="quarantined")

    def outside_bin(self) -> "DocumentQuerySet":
        return self.filter(binned_at=None)

    def in_bin(self) -> "DocumentQuerySet":
        return self.filter(binned_at__isnull=False)


DocumentManager = models.Manager.from_queryset(DocumentQuerySet)
