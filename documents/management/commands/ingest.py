"""`manage.py ingest PATH… [--source] [--department] [--as USER] [--wait]`"""

import sys
import time
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import HouseRole, User
from accounts.refusals import Refusal
from accounts.rights import rights_of
from documents import intake
from documents.intake import Upload
from documents.models import Document, Source, Status
from documents.models.document import IN_WORK
from jobs.models import PRIORITIES

WIDTH = 32
ASKED_EVERY = 0.2
AT_ONCE = 16 * intake.GROUP
BAD = {Status.FAILED, Status.CANCELLED, Status.QUARANTINED}


class Command(BaseCommand):
    help = "Take in files and whole folders; exit 1 when something was refused or (with --wait) failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=_existing, metavar="PATH")
        parser.add_argument("--source", default="api", help="key of the source (api)")
        parser.add_argument("--department", help="key of the department; else the source's, else the sender's only one")
        parser.add_argument("--priority", choices=list(PRIORITIES), default="normal")
        parser.add_argument("--as", dest="username", help="user name of the sender; else the first administrator")
        parser.add_argument("--wait", action="store_true", help="until all are settled, and say how they ended")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        files = sorted(_files(options["paths"]))
        if not files:
            raise CommandError("There are no files there.")
        bar = _Bar(self.stderr if sys.stderr.isatty() else None)
        taken, refused = self._send(files, options, bar)
        sent_after = time.monotonic() - started
        for path, refusal in refused:
            self.stdout.write(self.style.WARNING(f"{path}: {refusal.code}: {refusal.detail}"))
        outcomes = Counter({"refused": len(refused)}) if refused else Counter[str]()
        if options["wait"]:
            outcomes += self._settled(taken, bar)
        else:
            outcomes["received"] += len(taken)
        self._summary(outcomes, Counter(refusal.code for _, refusal in refused), taken)
        self._figures(len(taken), sent_after, time.monotonic() - started if options["wait"] else None)
        if refused or any(outcomes[status] for status in BAD):
            raise SystemExit(1)

    def _send(
        self, files: Sequence[Path], options: dict[str, Any], bar: "_Bar"
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
                raise CommandError(f"{refusal.detail} Sources: {_sources()}.") from refusal
            for path, answer in zip(group, answers, strict=True):
                refused.append((path, answer)) if isinstance(answer, Refusal) else taken.append(answer.pk)
        bar.end()
        return taken, refused

    def _settled(self, taken: Sequence[UUID], bar: "_Bar") -> Counter[str]:
        """Ask until none is in work."""
        mine = Document.objects.filter(pk__in=taken)
        while (open_ := mine.filter(status__in=IN_WORK).count()) > 0:
            bar.show("read", len(taken) - open_, len(taken))
            time.sleep(ASKED_EVERY)
        bar.show("read", len(taken), len(taken))
        bar.end()
        return Counter(mine.values_list("status", flat=True))

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


class _Bar:
    """One line that grows, on a terminal; nothing elsewhere."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def show(self, what: str, done: int, total: int) -> None:
        if self.out is not None:
            filled = WIDTH * done // total if total else WIDTH
            self.out.write(f"\r{'█' * filled}{'░' * (WIDTH - filled)} {done:,}/{total:,} {what} ", ending="")
            self.out.flush()

    def counting(self, what: str, before: int, total: int) -> Callable[[int], None]:
        return lambda done: self.show(what, before + done, total)

    def end(self) -> None:
        if self.out is not None:
            self.out.write("")


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


def _sources() -> str:
    return ", ".join(Source.objects.filter(active=True).values_list("key", flat=True)) or "none"
