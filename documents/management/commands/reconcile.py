"""`manage.py reconcile [--day 2026-11-22] [--deep] [--minutes 10] [--fix]`"""

import math
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import ledger
from documents.reconciliation import Difference, Report


class Command(BaseCommand):
    help = "Account for every receipt, every version's bytes and all work in progress; exit 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", help="only what was received on that day (YYYY-MM-DD), as each night does")
        parser.add_argument("--deep", action="store_true", help="also read and hash all bytes")
        parser.add_argument(
            "--minutes", type=float, default=10, help="how long it may take without --day (10); 0: until all is done"
        )
        parser.add_argument(
            "--fix", action="store_true", help="remove stray bytes, and have documents read that nobody works on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = self._report(options)
        if options["fix"]:
            for what, number in ledger.mend(report).items():
                self.stdout.write(f"{what}: {number}")
            report = self._report(options)
        for name, count in report.counts.items():
            self.stdout.write(f"{name.replace('_', ' '):>14} {count:>10,}")
        for difference in report.differences:
            self.stdout.write(self.style.ERROR(str(difference)))
        if report.left:
            self.stdout.write(
                self.style.WARNING(f"No time for {' and '.join(report.left)}: run it again, or with --minutes 0.")
            )
        if report.differences:
            raise SystemExit(1)
        if report.left:
            return
        self.stdout.write(self.style.SUCCESS("Every receipt is accounted for."))

    def _report(self, options: dict[str, Any]) -> Report:
        if not options["day"]:
            return ledger.whole(deep=options["deep"], within=options["minutes"] * 60 or math.inf)
        try:
            day = date.fromisoformat(options["day"])
        except ValueError:
            raise CommandError("Write the day as 2026-11-22.") from None
        row = ledger.check(day)
        self.stdout.write(f"{row.bytes_checked:,} of {row.bytes_all:,} originals looked for")
        return Report(row.counts, [Difference(**part) for part in row.differences])
