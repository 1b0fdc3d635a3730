"""Proves that nobody changed the audit trail behind the gateway's back."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import verifying
from accounts.history import Break
from accounts.verifying import CHAINS, SEALS, NoPlace, Walk

SHOWN = 50
EVERY = 10.0
"""Seconds between two words about how far it is."""


class Command(BaseCommand):
    help = (
        "Walk every subject's hash chain and every seal, and fold what runs of workflows have gone through. Says every"
        " ten seconds how far it is; stopped, it says from where to go on. Exit code 1 when something does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        where = "begin there: a place that it named when it was stopped"
        parser.add_argument("--from", dest="place", default="", metavar="PLACE", help=where)

    def handle(self, *args: Any, **options: Any) -> None:
        first, _colon, place = options["place"].partition(":")
        parts = verifying.parts()
        names = list(parts)
        if first and first not in parts:
            raise CommandError(f"There is no place “{first}” to begin with: {', '.join(parts)}.")
        found, self._spoke = 0, time.monotonic()
        for name in names[names.index(first) if first else 0 :]:
            found += self._part(name, place if name == first else "", shown=found)
        if found:
            raise CommandError(f"The history does not hold: {found} subjects broken.")
        said = f"What was walked from {options['place']} on holds." if first else "The history holds."
        self.stdout.write(self.style.SUCCESS(said))

    def _part(self, name: str, place: str, *, shown: int) -> int:
        """Walk one part; how many breaks it has."""
        began, found = time.monotonic(), 0
        walk = Walk(place, heard=lambda walk: self._progress(name, walk, began))
        try:
            for broken in verifying.parts()[name](walk):
                found += 1
                if shown + found <= SHOWN:
                    self.stderr.write(_said(broken))
        except NoPlace as place:
            raise CommandError(f"There is no place “{place}” among the {name}; write one that it named.") from None
        except KeyboardInterrupt:
            on = f'manage.py verify_history --from "{name}:{walk.place}"'
            raise CommandError(f"Stopped. {shown + found} subjects were broken so far. To go on: {on}") from None
        self.stdout.write(_walked(name, walk))
        return found

    def _progress(self, name: str, walk: Walk, began: float) -> None:
        now = time.monotonic()
        if now - self._spoke >= EVERY:
            self._spoke = now
            self.stderr.write(f"{_walked(name, walk)}, {walk.rows / (now - began):,.0f} a second; at {walk.place}")


def _walked(name: str, walk: Walk) -> str:
    if name == CHAINS:
        return f"{walk.rows} entries of {walk.subjects} subjects"
    return f"{walk.rows} {name}" if name == SEALS else f"{walk.subjects} subjects of the kind {name}"


def _said(broken: Break) -> str:
    if broken.subject_kind == "seal":
        return f"Seal {broken.subject_id} does not hold: an entry that it covers was changed or taken away"
    if broken.why:
        return f"{broken.subject_kind} {broken.subject_id}, entry {broken.sequence}: {broken.why}"
    return f"{broken.subject_kind} {broken.subject_id}: the chain breaks at entry {broken.sequence}"
