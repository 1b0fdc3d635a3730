"""Celery's door for the night's work on documents."""

import logging

from celery import shared_task
from django.utils import timezone

from documents import bin, idempotency, ledger

log = logging.getLogger(__name__)


@shared_task(name="documents.collect", ignore_result=False)
def collect() -> dict[str, int]:
    """Remove stray bytes and forgotten requests."""
    found = ledger.collect()
    return {"objects": found.removed, "waiting": found.waiting, "requests": idempotency.forget_old()}


@shared_task(name="documents.empty_bin", ignore_result=False)
def empty_bin() -> int:
    """Remove what has lain in the bin for 30 days."""
    return bin.empty()


@shared_task(name="documents.reconcile", ignore_result=False)
def reconcile() -> list[str]:
    """The night's part of the receipt ledger; what does not add up is alerted."""
    wrong = [f"{one}: {part['count']} × {part['what']}" for one in ledger.nightly() for part in one.differences]
    for difference in wrong:
        log.error("Reconciliation: %s", difference)
    return wrong


@shared_task(name="documents.reconcile_today", ignore_result=False)
def reconcile_today() -> list[str]:
    """Today's page of the receipt ledger, each hour."""
    return [f"{part['count']} × {part['what']}" for part in ledger.check(timezone.localdate()).differences]
