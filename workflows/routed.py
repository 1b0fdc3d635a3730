"""Which choice of ways started a run: for those who ask why it is there."""

from workflows.models import Instance, Routing


def of(instance: Instance) -> Routing | None:
    """The choice that started this run; None for one that somebody, a clock or another run started."""
    if instance.document_id is None:
        return None
    found = Routing.objects.filter(document=instance.document_id, instances__contains=[str(instance.pk)])
    return found.order_by("at").first()
