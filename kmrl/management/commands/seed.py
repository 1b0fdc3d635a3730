from typing import Any

from django.core.management.base import BaseCommand

from kmrl import seeding


class Command(BaseCommand):
    help = (
        "Add the departments, sources, queues, calendars and shifts that are missing. Doing it again changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        added = seeding.seed()
        self.stdout.write(", ".join(f"{count} {name}" for name, count in added.items()) + " added")
