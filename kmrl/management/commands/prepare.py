import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from documents import stored
from documents.refusals import StorageRefuses
from kmrl import administrator, first_schema, migrated, reaching, seeding, static_files
from kmrl.embedded import addresses
from kmrl.supervision.supervisor import TOLD

SERVICES_WITHIN = 120.0  # seconds; a recovery after a crash is part of it
LOCK = 0x6B6D726C  # "kmrl": one host at a time migrates a shared database


class Command(BaseCommand):
    help = "Migrate, seed, collect static files and make the administrator: what must stand before the first request."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--static-only", action="store_true", help="only the static files; asks no service")
        parser.add_argument(
            "--early", action="store_true", help="begin before the private PostgreSQL answers, and wait for it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints one line of JSON, for the supervisor."""
        if options["static_only"]:
            static_files.collect()
            return
        with ThreadPoolExecutor(max_workers=2) as other:  # packing, hashing and migrating wait for different things
            collected = other.submit(static_files.collect)
            if options["early"]:
                self._wait_for_services()
            try:
                reaching.everything()
            except reaching.CannotReach as problem:
                raise CommandError(str(problem), returncode=TOLD) from None
            first = self._database(other)
            collected.result()
        self.stdout.write(json.dumps(asdict(first) | {"storage": self._storage()}))

    def _storage(self) -> str:
        """What keeps originals away for the moment."""
        try:
            return stored.make_ready()
        except StorageRefuses as refusal:
            raise CommandError(refusal.why, returncode=TOLD) from refusal

    def _wait_for_services(self) -> None:
        """The supervisor writes their addresses once they answer; it ends us when they never do."""
        until = time.monotonic() + SERVICES_WITHIN
        while not addresses.read(settings.KMRL_DATA):
            if time.monotonic() > until:
                raise CommandError("The private services do not answer.")
            time.sleep(0.02)

    def _database(self, other: ThreadPoolExecutor) -> administrator.Administrator:
        password = administrator.password
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                if not connection.introspection.table_names(cursor):  # nobody is there yet
                    password = other.submit(administrator.password).result
                    cursor.execute("SET synchronous_commit = off")  # the administrator's commit waits for the rest, too
                first_schema.lay()
                migrated.migrate()
                seeding.seed()
                cursor.execute("RESET synchronous_commit")
                return administrator.ensure(password)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
