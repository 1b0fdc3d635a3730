"""Who may see a run: whoever sees its document; without one its department, its starter, and who sees the house.

Once its document is removed for good, it is seen by auditors and administrators alone.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.rights import Action, Rights
from documents.models import Document

if TYPE_CHECKING:
    from workflows.models import Instance


class InstanceQuerySet(models.QuerySet["Instance"]):
    def visible_to(self, rights: Rights) -> "InstanceQuerySet":
        """The runs that these rights show."""
        return self._shown(rights, lambda: Document.objects.sight(rights, at="document__"))

    def listed_for(self, rights: Rights) -> "InstanceQuerySet":
        """The same, for lists and counts: who sees few documents has few runs looked at."""
        return self._shown(rights, lambda: Document.objects.sight_in_lists(rights, at="document"))

    def _shown(self, rights: Rights, sight: Callable[[], Q]) -> "InstanceQuerySet":
        if not rights.scope_allows(Action.SEE):
            return self.none()
        if rights.sees_all and rights.administrator:
            return self
        of_documents = sight()
        if rights.bound:
            return self.filter(of_documents)
        if rights.sees_all:
            return self.filter(Q(document=None) | of_documents)
        mine = Q(department_id__in=list(rights.departments)) | Q(started_by_id=rights.user_id)
        without = Q(document=None, document_version=None)
        return self.filter(of_documents | (without & mine))


InstanceManager = models.Manager.from_queryset(InstanceQuerySet)


def may_see(instance: "Instance", rights: Rights) -> bool:
    """Whether these rights show this run."""
    return type(instance).objects.visible_to(rights).filter(pk=instance.pk).exists()
