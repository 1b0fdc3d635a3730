"""Proves that nobody changed the audit trail behind the gateway's back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import history, sealing
from accounts.models import HistoryEntry, HistorySeal

BATCH = 2_000
SHOWN = 50


class Command(BaseCommand):
    help = (
        "Walk every subject's hash chain and every seal, and fold what runs of workflows have gone through."
        " Exit code 1 when something does not hold."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        entries = HistoryEntry.objects.order_by("subject_kind", "subject_id", "sequence").iterator(chunk_size=BATCH)
        found = 0
        for broken in history.breaks(entries):
            found += 1
            if found <= SHOWN:
                self.stderr.write(
                    f"{broken.subject_kind} {broken.subject_id}: the chain breaks at entry {broken.sequence}"
                )
        for broken in history.disproved():
            found += 1
            if found <= SHOWN:
                self.stderr.write(f"{broken.subject_kind} {broken.subject_id}, entry {broken.sequence}: {broken.why}")
        subjects = HistoryEntry.objects.values("subject_kind", "subject_id").distinct().count()
        seals = HistorySeal.objects.count()
        self.stdout.write(f"{HistoryEntry.objects.count()} entries of {subjects} subjects, {seals} seals")
        broken_seal = sealing.first_broken()
        if broken_seal is not None:
            self.stderr.write(f"Seal {broken_seal} does not hold: an entry that it covers was changed or taken away")
        if found or broken_seal is not None:
            raise CommandError(f"The history does not hold: {found} subjects broken.")
        self.stdout.write(self.style.SUCCESS("The history holds."))
