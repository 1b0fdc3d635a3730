import os
import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the whole gateway here: services, web, workers, beat (what bin/up does once it has installed)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Becomes the supervisor, which holds none of Django in memory."""
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "kmrl.supervision"])  # noqa: S606
