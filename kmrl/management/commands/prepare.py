import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from kmrl import administrator, seeding, static_files

LOCK = 0x6B6D726C  # "kmrl": one host at a time migrates a shared database


class Command(BaseCommand):
    help = "Migrate, seed, collect static files and make the administrator: what must stand before the first request."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line of JSON, for the supervisor."""
        with ThreadPoolExecutor(max_workers=1) as other:  # packing files and migrating wait for different things
            collected = other.submit(static_files.collect)
            first = self._database()
            collected.result()
        self.stdout.write(json.dumps(asdict(first)))

    def _database(self) -> administrator.Administrator:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=0)
                seeding.seed()
                return administrator.ensure()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
