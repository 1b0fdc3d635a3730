"""Celery's door for the night's work on documents."""

import logging

from celery import shared_task

from documents import bin, collecting, idempotency, reconciliation

log = logging.getLogger(__name__)


@shared_task(name="documents.collect", ignore_result=False)
def collect() -> dict[str, int]:
    """Remove stray bytes and forgotten requests."""
    return {"objects": collecting.collect(), "requests": idempotency.forget_old()}


@shared_task(name="documents.empty_bin", ignore_result=False)
def empty_bin() -> int:
    """Remove what has lain in the bin for 30 days."""
    return bin.empty()


@shared_task(name="documents.reconcile", ignore_result=False)
def reconcile() -> list[str]:
    """Account for every receipt; what does not add up is alerted."""
    report = reconciliation.reconcile()
    for difference in report.differences:
        log.error("Reconciliation: %s", difference)
    return [str(difference) for difference in report.differences]
