"""Ends of work, as `documents.settling` writes them."""

from django.db import transaction

from documents import settling
from documents.models import Document
from documents.outcomes import Failed, Read
from jobs.models import Job, JobState


def read(document: Document, *pages: str) -> Document:
    """The job is done and the document processed with these pages."""
    outcome = Read(
        pages=list(pages),
        confidences=[0.9] * len(pages),
        page_count=len(pages),
        awaiting_ocr=0,
        language="en",
        confidence=0.9,
        flags=["no_text"] if not pages else [],
        facts={"references": ["KMRL/1"]},
    )
    return _settle(document, outcome, JobState.SUCCEEDED)


def fail(document: Document, code: str) -> Document:
    return _settle(document, Failed(code, "It cannot be read."), JobState.SUCCEEDED)


def _settle(document: Document, outcome: Read | Failed, state: JobState) -> Document:
    document.refresh_from_db()
    Job.objects.filter(pk=document.job_id).update(state=state)
    with transaction.atomic():
        settling.settle([(document.newest_id, outcome)])
    document.refresh_from_db()
    return document
