"""Django's `migrate`, patient with who is at work (`kmrl.migrating`)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from kmrl import migrating
from kmrl.supervision.supervisor import TOLD


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            migrating.patiently(connections[options["database"]], lambda: super(Command, self).handle(*args, **options))
        except migrating.Held as held:
            raise CommandError(str(held), returncode=TOLD) from held
