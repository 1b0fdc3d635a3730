"""The door for Celery's clock."""

from celery import shared_task

from realtime import pruning


@shared_task(ignore_result=False)
def prune_events() -> int:
    """Once an hour: how many old events went."""
    return pruning.tidy()
