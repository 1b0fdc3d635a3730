"""What the lower apps must know of the upper ones, handed down when the gateway starts."""

from collections.abc import Collection
from uuid import UUID

from accounts.rights import Rights
from documents import batches
from documents.models import Document
from jobs.models import Job
from kmrl import watched
from realtime import audiences
from realtime.notices import reading
from workflows.models import HumanTask, Instance

PAGES = {
    "document": "/documents/{}/",
    "batch": "/documents/?batch={}",
    "job": "/admin/queue/jobs/{}/",
    "alert": "/admin/jobs/alert/{}/change/",
    "task": "/tasks/{}/",
    "workflow": "/workflows/{}/",
}
"""Where a notification leads, by what it is about."""


def connect() -> None:
    """Tell `realtime` which topics exist for whom and where their pages are, and the lookout what to watch."""
    audiences.provide("document", _hears_one(hearable_documents), many=hearable_documents)
    audiences.provide("batch", _hears_one(hearable_batches), many=hearable_batches)
    audiences.provide("job", _hears_one(hearable_jobs), many=hearable_jobs)
    audiences.provide("alert", _hears_one(hearable_alerts), many=hearable_alerts)
    audiences.provide("task", _hears_one(hearable_tasks), many=hearable_tasks)
    audiences.provide("workflow", _hears_one(hearable_workflows), many=hearable_workflows)
    for prefix, address in PAGES.items():
        reading.provide(prefix, address.format)
    watched.connect()


def hearable_documents(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """Those that these rights show."""
    found = Document.objects.visible_to(rights).filter(pk__in=_uuids(ids)).values_list("pk", flat=True)
    return {str(pk) for pk in found}


def hearable_batches(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """Those that these rights show."""
    found = batches.visible_to(rights).filter(pk__in=_uuids(ids)).values_list("pk", flat=True)
    return {str(pk) for pk in found}


def hearable_jobs(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """Those about a document that one sees, and one's own about anything else; administrators hear all.

    What is about no document lies within no key's bounds.
    """
    jobs = list(Job.objects.filter(pk__in=_uuids(ids)).only("pk", "owner", "subject_kind", "subject_id"))
    if rights.runs_house:
        return {str(job.pk) for job in jobs}
    shown = hearable_documents(rights, [job.subject_id for job in jobs if job.subject_kind == "document"])
    own = -1 if rights.bound else rights.user_id
    return {
        str(job.pk)
        for job in jobs
        if (job.subject_id in shown if job.subject_kind == "document" else job.owner_id == own)
    }


def hearable_alerts(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """Those who run the house hear all."""
    return set(ids) if rights.runs_house else set()


def hearable_tasks(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """Those that these rights show."""
    found = HumanTask.objects.visible_to(rights).filter(pk__in=_uuids(ids)).values_list("pk", flat=True)
    return {str(pk) for pk in found}


def hearable_workflows(rights: Rights, ids: Collection[str]) -> Collection[str]:
    """The runs that these rights show."""
    found = Instance.objects.visible_to(rights).filter(pk__in=_uuids(ids)).values_list("pk", flat=True)
    return {str(pk) for pk in found}


def _hears_one(many: audiences.TopicChecks) -> audiences.TopicCheck:
    def hears(rights: Rights, pk: str) -> bool:
        return pk in many(rights, [pk])

    return hears


def _uuids(texts: Collection[str]) -> list[UUID]:
    """Those that are one, in the form that we write; an id in another spelling is no topic."""
    found = []
    for text in texts:
        try:
            pk = UUID(text)
        except ValueError:
            continue
        if str(pk) == text:
            found.append(pk)
    return found
