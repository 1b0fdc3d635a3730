"""Who may see a run: whoever sees its document; without one its department, its starter, and who sees the house.

Once its document is removed for good, it is seen by auditors and administrators alone.
"""

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
        if not rights.scope_allows(Action.SEE):
            return self.none()
        if rights.sees_all and rights.administrator:
            return self
        of_documents = Document.objects.sight(rights, at="document__")
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
