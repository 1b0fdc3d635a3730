from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from realtime import schema


class Command(BaseCommand):
    help = "Writes docs/events.md from the catalogue of events."

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "events.md"
        page.write_text(schema.as_page(), encoding="utf-8")
        self.stdout.write(f"Written: {page}")
