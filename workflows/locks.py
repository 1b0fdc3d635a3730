"""Taking the rows of runs in the house's order: their documents first, then they themselves, each in id order."""

from collections.abc import Iterable
from uuid import UUID

from accounts import prepared
from workflows.models import Instance

_DOCUMENTS = (
    "SELECT d.id FROM documents_document d WHERE d.id IN"
    " (SELECT document_id FROM workflows_instance WHERE id = ANY(%s::uuid[])) ORDER BY d.id FOR NO KEY UPDATE"
)


def hold(instances: Iterable[UUID | str]) -> dict[UUID, Instance]:
    """Lock these runs and their documents until the end of the transaction; those that exist, as they are now."""
    ids = sorted({str(pk) for pk in instances})
    if not ids:
        return {}
    prepared.rows(_DOCUMENTS, [ids])
    rows = Instance.objects.select_related("definition", "version", "document").order_by("pk")
    return {found.pk: found for found in rows.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)}
