"""`manage.py reconcile [--deep]`"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from documents import reconciliation


class Command(BaseCommand):
    help = "Account for every receipt, every version's bytes and all work in progress; exit 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--deep", action="store_true", help="also read and hash all bytes")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconciliation.reconcile(deep=options["deep"])
        for name, count in report.counts.items():
            self.stdout.write(f"{name.replace('_', ' '):>14} {count:>10,}")
        for difference in report.differences:
            self.stdout.write(self.style.ERROR(str(difference)))
        if report.differences:
            raise SystemExit(1)
        self.stdout.write(self.style.SUCCESS("Every receipt is accounted for."))
