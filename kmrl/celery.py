"""The Celery application: it carries wake-ups and periodic ticks; what there is to do stands in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

app = Celery("kmrl")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
