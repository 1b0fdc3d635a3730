"""`manage.py ingest PATH… [--source] [--department] [--as USER] [--wait]`"""

import sys
import time
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts import prepared
from accounts.models import Department, HouseRole, User
from accounts.refusals import NotAllowed, Refusal
from accounts.rights import rights_of
from documents import intake
from documents.intake import Upload
from documents.models import Document, Source, Status
from documents.models.document import IN_WORK
from documents.refusals import UnknownSource
from jobs.management.bar import Bar
from jobs.models import PRIORITIES, Queue, Worker

ASKED_EVERY = 0.2
PATIENCE = 120.0  # seconds without anything moving, then --wait ends
SOON = "6 minutes"  # the longest wait before another attempt, and a bit
NAMED = 5
WORKER_SILENT = 30.0  # seconds without a sign of life
AT_ONCE = 16 * intake.GROUP
BAD = {Status.FAILED, Status.CANCELLED, Status.QUARANTINED}


class Command(BaseCommand):
    help = "Take in files and whole folders; exit 1 when something was refused or (with --wait) failed."
    requires_system_checks: list[str] = []  # they would load every page first, for a third of a second

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=_existing, metavar="PATH")
        parser.add_argument("--source", default="api", help="key of the source (api)")
        parser.add_argument("--department", help="key of the department; else the source's, else the sender's only one")
        parser.add_argument("--priority", choices=list(PRIORITIES), default="normal")
        parser.add_argument("--as", dest="username", help="user name of the sender; else the first administrator")
        parser.add_argument(
            "--wait",
            action="store_true",
            help="until all are settled, and say how they ended; not longer than nothing moves for two minutes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        files = sorted(_files(options["paths"]))
        if not files:
            raise CommandError("There are no files there.")
        bar = Bar(self.stderr if sys.stderr.isatty() else None)
        taken, refused = self._send(files, options, bar)
        sent_after = time.monotonic() - started
        for path, refusal in refused:
            self.stdout.write(self.style.WARNING(f"{path}: {refusal.code}: {refusal.detail}"))
        outcomes = Counter({"refused": len(refused)}) if refused else Counter[str]()
        if options["wait"]:
            outcomes += self._settled(taken, PRIORITIES[options["priority"]].queue, bar)
        else:
            outcomes["received"] += len(taken)
        self._summary(outcomes, Counter(refusal.code for _, refusal in refused), taken)
        self._figures(len(taken), sent_after, time.monotonic() - started if options["wait"] else None)
        if refused or any(outcomes[status] for status in (*BAD, *(IN_WORK if options["wait"] else ()))):
            raise SystemExit(1)

    def _send(
        self, files: Sequence[Path], options: dict[str, Any], bar: Bar
    ) -> tuple[list[UUID], list[tuple[Path, Refusal]]]:
        by = _sender(options["username"])
        taken, refused, left = list[UUID](), list[tuple[Path, Refusal]](), iter(files)
        while group := list(islice(left, AT_ONCE)):
            try:
                answers = intake.submit_many(
                    [Upload.of_path(path) for path in group],
                    by=by,
                    rights=rights_of(by),
                    source=options["source"],
                    department=options["department"],
                    priority=PRIORITIES[options["priority"]],
                    on_progress=bar.counting("sent", len(taken) + len(refused), len(files)),
                )
            except Refusal as refusal:
                raise CommandError(f"{refusal.detail}{_advice(refusal, options['department'])}") from refusal
            for path, answer in zip(group, answers, strict=True):
                refused.append((path, answer)) if isinstance(answer, Refusal) else taken.append(answer.pk)
        bar.end()
        return taken, refused

    def _settled(self, taken: Sequence[UUID], queue: str, bar: Bar) -> Counter[str]:
        """Ask until none is in work, or nothing has moved for so long that nothing will."""
        moved_at, seen = time.monotonic(), ""
        waiting = taken
        while waiting := _in_work(waiting):
            bar.show("read", len(taken) - len(waiting), len(taken))
            if (now := _standing(queue)) != seen:
                moved_at, seen = time.monotonic(), now
            elif time.monotonic() - moved_at >= PATIENCE:
                break
            time.sleep(ASKED_EVERY)
        bar.show("read", len(taken) - len(waiting), len(taken))
        bar.end()
        if waiting:
            self.stdout.write(self.style.WARNING(_stuck(waiting)))
        return Counter(status for _, status in _statuses(taken))

    def _summary(self, outcomes: Counter[str], refusals: Counter[str], taken: Sequence[UUID]) -> None:
        for name, count in outcomes.most_common():
            self.stdout.write(f"{count:>8,}  {name}")
            if name == "refused":
                self._causes(refusals)
            if name == Status.FAILED:
                failed = Document.objects.filter(pk__in=taken, status=Status.FAILED)
                self._causes(Counter(failed.values_list("newest__error_code", flat=True)))

    def _causes(self, causes: Counter[str]) -> None:
        for code, count in causes.most_common():
            self.stdout.write(f"{count:>12,}  {code}")

    def _figures(self, count: int, sent_after: float, settled_after: float | None) -> None:
        self.stdout.write(f"Received in {sent_after:.2f} s, {count / sent_after:,.1f} documents/s.")
        if settled_after is not None:
            self.stdout.write(f"Settled in {settled_after:.2f} s, {count / settled_after:,.1f} documents/s.")


def _statuses(documents: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Their statuses; one parameter however many they are, since this is asked again and again."""
    asked = "SELECT id, status FROM documents_document WHERE id = ANY(%s::uuid[])"
    return [(pk, status) for pk, status in prepared.rows(asked, [documents])]


def _in_work(documents: Sequence[UUID]) -> list[UUID]:
    return [pk for pk, status in _statuses(documents) if status in IN_WORK]


def _standing(queue: str) -> str:
    """Stays the same while nothing moves: no job ends, runs, or is due soon for another attempt; or `queue` is paused.

    Others' jobs count as well: ours wait for them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws(' ', (SELECT max(finished_at) FROM jobs_job),"
            " (SELECT string_agg(concat(id, fence, percent, step, lease_until), ' ' ORDER BY id)"
            "  FROM jobs_job WHERE state = 'running'),"
            " (SELECT clock_timestamp() WHERE EXISTS (SELECT 1 FROM jobs_job WHERE state IN ('queued', 'failed')"
            "  AND run_after BETWEEN clock_timestamp() AND clock_timestamp() + %s::interval)))"
            " WHERE NOT EXISTS (SELECT 1 FROM jobs_queue WHERE name = %s AND paused)",
            [SOON, queue],
        )
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def _stuck(waiting: Sequence[UUID]) -> str:
    """What is stuck, and why, as far as the gateway knows."""
    oldest = Document.objects.filter(pk__in=waiting).order_by("uploaded_at")
    names = ", ".join(oldest.values_list("title", flat=True)[:NAMED])
    more = f" and {len(waiting) - NAMED:,} more" if len(waiting) > NAMED else ""
    paused = sorted(Queue.objects.filter(paused=True).values_list("name", flat=True))
    alive = Worker.objects.filter(seen_at__gt=timezone.now() - timedelta(seconds=WORKER_SILENT)).exists()
    if not alive:
        why = "No worker is running: start the gateway (bin/up), and they are read."
    elif paused:
        why = f"Paused: the queue {', '.join(paused)}. Let it go on, and they are read."
    else:
        why = "Workers are running, but do nothing: see the gateway's log."
    still = f"Nothing has moved for {PATIENCE:,.0f} s; {len(waiting):,} wait: {names}{more}."
    return f"{still} {why} What was received is kept."


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise ArgumentTypeError(f"there is no {text}")
    return path


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named and those below the folders named, but hidden ones; links that lead out are not followed."""
    for path in paths:
        if path.is_file():
            yield path
        else:
            for found in path.rglob("*"):
                inside = found.relative_to(path).parts
                if found.is_file() and not found.is_symlink() and not any(part.startswith(".") for part in inside):
                    yield found


def _sender(username: str | None) -> User:
    if username:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no active user named {username}.")
        return found
    people = User.objects.filter(is_active=True).order_by("pk")
    found = people.filter(is_superuser=True).first() or people.filter(house_role=HouseRole.ADMINISTRATOR).first()
    if found is None:
        raise CommandError("There is no administrator yet. Name the sender with --as USER.")
    return found


def _advice(refusal: Refusal, department: str | None) -> str:
    """The keys that there are of what the refusal is about."""
    if isinstance(refusal, UnknownSource):
        return f" Sources: {_keys(Source)}."
    return f" Departments: {_keys(Department)}." if isinstance(refusal, NotAllowed) and department else ""


def _keys(model: type[Source] | type[Department]) -> str:
    return ", ".join(model.objects.filter(active=True).order_by("key").values_list("key", flat=True)) or "none"
