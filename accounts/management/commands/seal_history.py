"""Takes the hourly root over the audit trail; a scheduler calls it every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import sealing


class Command(BaseCommand):
    help = "Take a seal over the history when one is due, and print its root."

    def handle(self, *args: Any, **options: Any) -> None:
        seal = sealing.advance()
        if seal is not None:
            self.stdout.write(f"Seal {seal.number}: {seal.entries} entries up to {seal.up_to}, root {seal.root}")
