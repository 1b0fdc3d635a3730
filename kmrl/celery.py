"""The Celery application: it carries wake-ups and periodic ticks; what there is to do stands in PostgreSQL."""

import importlib
import os
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab

from kmrl import environment as env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")
with env.told():  # Celery itself would read them later, and end with a traceback
    importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])

app = Celery("kmrl")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="ticks")  # where `tasks` are those of people

MINUTE = 60.0
TICKS: dict[str, float | crontab] = {
    "jobs.sweep": MINUTE,  # workers sweep every 2 s; this one is for a house whose workers are all gone or busy
    "jobs.clean": crontab(hour=2, minute=40),
    "workflows.sweep": MINUTE,  # as jobs.sweep
    "workflows.refresh_figures": 15 * MINUTE,
    "workflows.forget_timers": crontab(hour=2, minute=50),
    "workflows.forget_trials": crontab(hour=2, minute=55),
    "accounts.seal": 5 * MINUTE,  # once an hour when it is due
    "realtime.tasks.prune_events": crontab(minute=17),
    "realtime.tasks.forget_notices": crontab(hour=2, minute=20),
    "realtime.tasks.send_digests": MINUTE,
    "documents.collect": crontab(hour=3, minute=10),
    "documents.reconcile": crontab(hour=3, minute=30),
    "documents.reconcile_today": crontab(minute=37),
    "documents.empty_bin": crontab(hour=3, minute=50),
}
"""Periodic tasks by name; each app defines its own in `tasks`. The night's work is done by the clock of the house."""
PROMPT = frozenset({"realtime.tasks.send_digests", "workflows.sweep"})
"""Ticks that do not wait behind a long backlog: the worker of urgent work does them."""


@signals.import_modules.connect(weak=False)  # after the receiver that finds the tasks
def _schedule(sender: Celery, **_: Any) -> None:
    """Only what an app has defined is ticked; the results of these tasks alone are kept (django-celery-results)."""
    sender.conf.beat_schedule = {
        name: {
            "task": name,
            "schedule": when,
            "options": {"queue": "high" if name in PROMPT else "low", "expires": 10 * MINUTE},
        }
        for name, when in TICKS.items()
        if name in sender.tasks
    }
