"""The door for Celery's clock."""

from celery import shared_task

from realtime import pruning
from realtime.notices import digests, forgetting


@shared_task(ignore_result=False)
def prune_events() -> int:
    """Once an hour: how many old events went."""
    return pruning.tidy()


@shared_task(ignore_result=False)
def forget_notices() -> int:
    """Once a day: how many old notifications went."""
    return forgetting.forget_old()


@shared_task(ignore_result=True)
def send_digests() -> int:
    """Once a minute: how many mails about notifications went out."""
    return digests.send_due()
