"""Celery's door for the clock of workflows, for a house whose workers are all busy; their own poll rings every 2 s."""

from celery import shared_task

from workflows import schedules, timers


@shared_task(name="workflows.sweep", ignore_result=False)
def sweep() -> dict[str, int]:
    """Ring what is due, and see to the schedules."""
    return {"schedules": schedules.ensure(), "rung": timers.sweep()}
