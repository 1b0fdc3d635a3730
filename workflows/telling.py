"""Whom the events of a run reach: those whom `visible_to` shows it."""

from collections.abc import Iterable
from uuid import UUID

from documents.audience import audiences_of
from realtime import audiences
from workflows.models import Instance


def audience_of_run(instance: Instance) -> set[str]:
    """The audience keys of one run; asks for named people only while its document is restricted."""
    return audiences_of_runs([instance])[instance.pk]


def audiences_of_runs(instances: Iterable[Instance]) -> dict[UUID, set[str]]:
    """As `audience_of_run`, for many in one query at most."""
    instances = list(instances)
    papers = audiences_of({one.document_id: one.document for one in instances if one.document is not None}.values())
    return {one.pk: _keys(one) | papers.get(one.document_id, set()) for one in instances}


def _keys(instance: Instance) -> set[str]:
    keys = {audiences.workflow(instance.pk)}
    if instance.document_id is not None:
        return keys
    keys |= {audiences.ADMIN, audiences.AUDITORS}
    if instance.department_id is not None:
        keys.add(audiences.department(instance.department_id))
    if instance.started_by_id is not None:
        keys.add(audiences.user(instance.started_by_id))
    return keys
