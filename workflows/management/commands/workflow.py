"""`manage.py workflow validate|publish|dry-run FILE`, `workflow export KEY`, `workflow diff KEY A B`,
`workflow wait RUN`, `workflow stop-waiting RUN N`"""

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import HouseRole, User
from accounts.refusals import Refusal
from accounts.rights import rights_of
from jobs.management.bar import Bar
from workflows import awaiting, control, past
from workflows.definitions import checking, comparing, exchange, publishing
from workflows.definitions.problems import ERROR, Problem
from workflows.definitions.refusals import NotPublishable, Unchanged
from workflows.models import Definition, DefinitionVersion, Instance

SHOWN = 40  # rows of a dry run


class Command(BaseCommand):
    help = "Definitions of workflows (check, publish, try, export, compare), and what runs wait for; exit 1 when wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        for name, about in (
            ("validate", "say what is wrong with a definition, and what to do about it"),
            ("publish", "make it the next version"),
            ("dry-run", "say what it would have done with the last documents"),
        ):
            deed = deeds.add_parser(name, help=about)
            deed.add_argument("file", type=_existing, metavar="FILE", help="YAML or JSON")
        publish, dry_run = deeds.choices["publish"], deeds.choices["dry-run"]
        publish.add_argument("--note", default="", help="what changed, for people")
        publish.add_argument("--as", dest="username", help="user name; else the first administrator")
        dry_run.add_argument("--last", type=_count, default=500, help="how many documents (500)")
        export = deeds.add_parser("export", help="write a published version to the output")
        export.add_argument("key")
        export.add_argument("--version", type=_count, dest="number", help="else the published one")
        export.add_argument("--format", choices=exchange.FORMATS, default="yaml")
        diff = deeds.add_parser("diff", help="say what differs between two versions")
        diff.add_argument("key")
        diff.add_argument("a", type=_count)
        diff.add_argument("b", type=_count)
        wait = deeds.add_parser("wait", help="have a run wait for another one's end, or until a document is read")
        wait.add_argument("run", type=_id, metavar="RUN", help="id")
        other = wait.add_mutually_exclusive_group(required=True)
        other.add_argument("--run", type=_id, dest="workflow", metavar="RUN", help="id of the run to wait for")
        other.add_argument("--document", type=_id, metavar="DOCUMENT", help="id of the document to wait for")
        stop = deeds.add_parser("stop-waiting", help="have a run wait for something no more")
        stop.add_argument("run", type=_id, metavar="RUN", help="id")
        stop.add_argument("number", type=_count, metavar="N", help="number of the dependency, as `wait` says it")
        for deed in (wait, stop):
            deed.add_argument("--why", default="", help="for the history")
            deed.add_argument("--as", dest="username", help="user name; else the first administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        deed = {
            "validate": self._validate,
            "publish": self._publish,
            "dry-run": self._dry_run,
            "export": self._export,
            "diff": self._diff,
            "wait": self._wait,
            "stop-waiting": self._stop_waiting,
        }[options["deed"]]
        deed(options)

    def _validate(self, options: dict[str, Any]) -> None:
        path, source = options["file"], _read(options["file"])
        problems = publishing.problems_of(source)
        self._say(path, problems)
        if any(problem.level == ERROR for problem in problems):
            raise SystemExit(1)
        self.stdout.write(f"{path}: can be published.")

    def _publish(self, options: dict[str, Any]) -> None:
        path, source = options["file"], _read(options["file"])
        try:
            key = publishing.key_of(source)
            by = _administrator(options["username"])
            version = publishing.publish(key=key, source=source, by=by, note=options["note"])
        except Unchanged as unchanged:
            self.stdout.write(f"{path}: {unchanged.detail}")
            return
        except NotPublishable as refused:
            self._say(path, refused.problems)
            raise SystemExit(1) from refused
        except Refusal as refusal:
            raise CommandError(f"{path}: {refusal.detail}") from refusal
        self.stdout.write(self.style.SUCCESS(f"{key} version {version.number} is published."))

    def _dry_run(self, options: dict[str, Any]) -> None:
        path, source = options["file"], _read(options["file"])
        checked = checking.check(source)
        self._say(path, checked.problems)
        if checked.body is None:
            raise SystemExit(1)
        bar = Bar(self.stderr if sys.stderr.isatty() else None)
        try:
            report = past.dry_run(checked.body, last=options["last"], tell=_seldom(bar))
        finally:
            bar.end()
        totals = ", ".join(f"{name} {count}" for name, count in report.totals.items())
        self.stdout.write(f"{report.looked_at} documents: {totals}.")
        for step, count in report.first.items():
            self.stdout.write(f"  {count:6} come to rest at {step}")
        for sentence, count in report.errors.items():
            self.stdout.write(self.style.WARNING(f"  {count:6} {sentence}"))
        for row in report.rows[:SHOWN]:
            way = " > ".join(row.path)[:80]
            self.stdout.write(f"{row.verdict:6} {row.document}  {row.title[:50]:50}  {way}".rstrip())
        if len(report.rows) > SHOWN:
            self.stdout.write(f"… and {len(report.rows) - SHOWN} more.")

    def _export(self, options: dict[str, Any]) -> None:
        version = _version(options["key"], options["number"])
        self.stdout.write(exchange.export(version, options["format"]), ending="")

    def _diff(self, options: dict[str, Any]) -> None:
        old, new = (_version(options["key"], options[name]) for name in ("a", "b"))
        changes = comparing.compare(old.body, new.body)
        for change in changes:
            self.stdout.write(f"{change.kind:8} {change.sentence}")
        if not changes:
            self.stdout.write("Nothing differs.")

    def _wait(self, options: dict[str, Any]) -> None:
        kind = "workflow" if options["workflow"] else "document"
        self._controlled(options, control.wait_for, kind=kind, other=options[kind])

    def _stop_waiting(self, options: dict[str, Any]) -> None:
        self._controlled(options, control.stop_waiting, dependency=options["number"])

    def _controlled(self, options: dict[str, Any], deed: Callable[..., Instance], **more: Any) -> None:
        by = _administrator(options["username"])
        rights = rights_of(by)
        try:
            run = deed(instance_id=options["run"], by=by, rights=rights, why=options["why"], **more)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        found = [one for one in awaiting.of(run, rights) if one.row.met_at is None]
        self.stdout.write(f"Run {run.pk} waits for {len(found)}{':' if found else '.'}")
        for one in found:
            self.stdout.write(f"  {one.row.pk}  {one.kind} {one.row.key}")

    def _say(self, path: Path, problems: list[Problem]) -> None:
        for problem in problems:
            what = problem.message.rstrip(".") + (f"; {problem.advice}" if problem.advice else ".")
            line = f"{path}:{problem.line}:{problem.column}: {'' if problem.level == ERROR else 'warning: '}{what}"
            self.stdout.write(self.style.ERROR(line) if problem.level == ERROR else self.style.WARNING(line))


def _seldom(bar: Bar) -> Callable[[int, int], None]:
    """Shows every twentieth document, and the last."""

    def tell(done: int, of: int) -> None:
        if done % 20 == 0 or done == of:
            bar.show("documents", done, of)

    return tell


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"There is no file {text}.")
    return path


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no id.") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a number from 1.")
    return int(text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text: {error}.") from error


def _administrator(username: str | None) -> User:
    people = User.objects.filter(is_active=True).order_by("pk")
    if username:
        found = people.filter(username=username).first()
        if found is None:
            raise CommandError(f"There is no active user named {username}.")
        return found
    found = people.filter(is_superuser=True).first() or people.filter(house_role=HouseRole.ADMINISTRATOR).first()
    if found is None:
        raise CommandError("There is no administrator yet. Name somebody with --as USER.")
    return found


def _version(key: str, number: int | None) -> DefinitionVersion:
    definition = Definition.objects.select_related("published").filter(key=key).first()
    if definition is None:
        raise CommandError(f"There is no definition {key}.")
    version = definition.versions.filter(number=number).first() if number else definition.published
    if version is None:
        what = f"version {number}" if number else "published version"
        raise CommandError(f"{key} has no {what}.")
    return version
