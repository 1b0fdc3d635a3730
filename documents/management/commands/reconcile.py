"""`manage.py reconcile [--day 2026-11-22] [--deep] [--minutes 10] [--fix] [--strays [--save FOLDER]]`"""

import math
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from documents import collecting, ledger, stored
from documents.reconciliation import Difference, Report
from documents.refusals import StorageAway
from documents.storage import key_of, originals

MEANS = (
    "They are kept. Either the database was restored from a backup that is older than they are: then they are the only"
    " copies of papers that had a receipt.\nSave them (--strays --save FOLDER) and send them again (manage.py ingest"
    " FOLDER). Or a process died while they came in, at a time of which\nthe database has no note: then nobody misses"
    " them. --strays lists them, --fix --strays removes them all."
)


class Command(BaseCommand):
    help = "Account for every receipt, every version's bytes and all work in progress; exit 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", help="only what was received on that day (YYYY-MM-DD), as each night does")
        parser.add_argument("--deep", action="store_true", help="also read and hash all bytes")
        parser.add_argument(
            "--minutes", type=float, default=10, help="how long it may take without --day (10); 0: until all is done"
        )
        parser.add_argument(
            "--fix",
            action="store_true",
            help="remove stray bytes that never had a receipt, and have documents read that nobody works on",
        )
        parser.add_argument(
            "--strays",
            action="store_true",
            help="list the originals that no document has, and nothing else; with --fix: remove them all",
        )
        parser.add_argument(
            "--save", type=Path, metavar="FOLDER", help="with --strays: copy them there, to be sent by manage.py ingest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["save"] and (options["fix"] or not options["strays"]):
            raise CommandError("--save goes with --strays, and not with --fix.")
        try:
            self._look(options)
        except StorageAway as away:
            raise CommandError(f"Nothing can be said of originals now. {away.why}") from away

    def _look(self, options: dict[str, Any]) -> None:
        if options["strays"] and not options["fix"]:
            self._strays(options["save"])
            return
        report = self._report(options)
        if options["fix"]:
            mended = ledger.mend(report, all_strays=options["strays"])
            for what, number in mended.items():
                self.stdout.write(f"{what}: {number:,}")
            report = self._report(options)
        for name, count in report.counts.items():
            self.stdout.write(f"{name.replace('_', ' '):>14} {count:>10,}")
        for difference in report.differences:
            self.stdout.write(self.style.ERROR(str(difference)))
            if difference.what == stored.STRAY:
                self.stdout.write(MEANS)
        if report.left:
            self.stdout.write(
                self.style.WARNING(f"No time for {' and '.join(report.left)}: run it again, or with --minutes 0.")
            )
        if report.differences:
            raise SystemExit(1)
        if report.left:
            return
        self.stdout.write(self.style.SUCCESS("Every receipt is accounted for."))

    def _strays(self, folder: Path | None) -> None:
        """Each with the time when it came in, its size and its digest; exit 1 when there are any."""
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 0
        for stray in collecting.waiting():
            number += 1
            size = originals().size(key_of(stray.sha256))
            self.stdout.write(f"{timezone.localtime(stray.changed):%Y-%m-%d %H:%M} {size:>14,}  {stray.sha256}")
            if folder is not None:
                collecting.save(stray.sha256, folder)
        if not number:
            self.stdout.write(self.style.SUCCESS("Every original has a document, or is left to the collector."))
            return
        self.stdout.write(self.style.ERROR(f"{number:,} × {stored.STRAY}"))
        self.stdout.write(f"Saved: {folder}. Send them again: manage.py ingest {folder}" if folder else MEANS)
        raise SystemExit(1)

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
