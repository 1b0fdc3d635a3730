"""`manage.py workflow validate|publish|dry-run FILE`, `workflow export KEY`, `workflow diff KEY A B`"""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import HouseRole, User
from accounts.refusals import Refusal
from workflows import past
from workflows.definitions import checking, comparing, exchange, publishing
from workflows.definitions.problems import ERROR, Problem
from workflows.definitions.refusals import NotPublishable, Unchanged
from workflows.models import Definition, DefinitionVersion

SHOWN = 40  # rows of a dry run


class Command(BaseCommand):
    help = "Check, publish, try out, export and compare definitions of workflows; exit 1 when something is wrong."

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

    def handle(self, *args: Any, **options: Any) -> None:
        deed = {
            "validate": self._validate,
            "publish": self._publish,
            "dry-run": self._dry_run,
            "export": self._export,
            "diff": self._diff,
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
        report = past.dry_run(checked.body, last=options["last"])
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

    def _say(self, path: Path, problems: list[Problem]) -> None:
        for problem in problems:
            what = problem.message.rstrip(".") + (f"; {problem.advice}" if problem.advice else ".")
            line = f"{path}:{problem.line}:{problem.column}: {'' if problem.level == ERROR else 'warning: '}{what}"
            self.stdout.write(self.style.ERROR(line) if problem.level == ERROR else self.style.WARNING(line))


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"There is no file {text}.")
    return path


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
