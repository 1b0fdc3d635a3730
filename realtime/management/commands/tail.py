import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from realtime import frames, sequencer
from realtime import log as event_log
from realtime.models import Event

BATCH = 500


class Command(BaseCommand):
    help = "Prints events as they are told, one JSON object a line. Ctrl-C ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--topic", action="append", default=[], help="only these audience keys, as document:<id>")
        parser.add_argument("--after", type=int, help="begin after this position (0: from the first that is kept)")
        parser.add_argument("--once", action="store_true", help="stop when there is nothing more")

    def handle(self, *args: Any, **options: Any) -> None:
        position = sequencer.number_events() if options["after"] is None else options["after"]
        if position < event_log.pruned_to():
            if position:
                raise CommandError(f"Events up to position {event_log.pruned_to()} are gone. Begin there.")
            position = event_log.pruned_to()
        while True:
            try:
                position = self._print_after(position, options["topic"])
            except DatabaseError as error:
                if options["once"]:
                    raise
                self.stderr.write(f"PostgreSQL does not answer, trying again: {error}")
            if options["once"]:
                return
            time.sleep(0.5)

    def _print_after(self, position: int, topics: list[str]) -> int:
        last = sequencer.number_events()
        found = Event.objects.filter(position__gt=position, position__lte=last).order_by("position")
        if topics:
            found = found.filter(audience__overlap=topics)
        for event in found.iterator(BATCH):
            frame = frames.durable(position=event.position or 0, type=event.type, at=event.at, data=event.data)
            self.stdout.write(frame)
        return max(position, last)
