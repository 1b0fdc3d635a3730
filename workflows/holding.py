"""Documents that workflows hold: while a run on one is alive, it does not leave the bin for good."""

from collections.abc import Collection
from uuid import UUID

from workflows.models import ALIVE, Instance


def held(ids: Collection[UUID]) -> set[UUID]:
    """Those of the documents on which a run is alive."""
    rows = Instance.objects.filter(document__in=list(ids), status__in=ALIVE)
    return {pk for pk in rows.values_list("document_id", flat=True) if pk is not None}
