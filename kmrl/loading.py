"""What a web process loads before it is one: all modules, and nothing that runs.

No thread is started, no connection opened and nothing drawn by chance: what has loaded may be forked into several
processes (`kmrl.supervision.serving`), each of which becomes a web server by `kmrl.asgi`.
"""

import importlib
import os

import django
from django.conf import settings

AFTER_THE_APPS = (
    *("documents.api.straight", "documents.gate", "jobs.alerts.lookout", "kmrl.one_thread", "kmrl.other_origins"),
    *("kmrl.headers", "kmrl.urls", "realtime.routing", "channels.routing"),
)


def everything() -> None:
    """Doing it again changes nothing. Raises BadSetting."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")
    django.setup(set_prefix=False)
    named = [name.rpartition(".")[0] for name in (*settings.MIDDLEWARE, *settings.AUTHENTICATION_BACKENDS)]
    for name in (*AFTER_THE_APPS, *named, settings.SESSION_ENGINE):
        importlib.import_module(name)
