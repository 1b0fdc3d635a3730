"""Celery's door for the clock of workflows, for a house whose workers are all busy; their own poll rings every 2 s."""

from celery import shared_task

from workflows import schedules, timers, trying
from workflows.analytics import refreshing


@shared_task(name="workflows.sweep", ignore_result=False)
def sweep() -> dict[str, int]:
    """Ring what is due, and see to the schedules."""
    return {"schedules": schedules.ensure(), "rung": timers.sweep()}


@shared_task(name="workflows.refresh_figures", ignore_result=False)
def refresh_figures() -> dict[str, bool]:
    """Work out the figures of the last days, weeks and months that many look at."""
    return {"refreshed": refreshing.refresh()}


@shared_task(name="workflows.forget_timers", ignore_result=False)
def forget_timers() -> int:
    """Remove timers that rang, or were dropped, more than 30 days ago."""
    return timers.forget()


@shared_task(name="workflows.forget_trials", ignore_result=False)
def forget_trials() -> int:
    """Remove what was found by trying definitions on the past more than a week ago."""
    return trying.forget()
