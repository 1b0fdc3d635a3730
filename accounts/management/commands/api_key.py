"""API keys from the command line: for machines that are set up before anybody signs in."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import api_keys
from accounts.models import ApiKey, Department, User


class Command(BaseCommand):
    help = "Issue, revoke and list API keys."

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_subparsers(dest="asked", required=True)
        issue = asked.add_parser("issue", help="make a key and print it, once")
        issue.add_argument("name", help="what it is for: people find it by this")
        issue.add_argument("--user", required=True, help="whom it acts for")
        issue.add_argument("--by", help="who issues it; the user unless told")
        scopes = sorted(api_keys.SCOPES)
        issue.add_argument("--scope", action="append", choices=scopes, help="repeatable; read and upload unless told")
        issue.add_argument("--source", action="append", default=[], help="repeatable; binds it to these sources")
        issue.add_argument("--department", action="append", default=[], help="repeatable; and to these departments")
        issue.add_argument("--days", type=int, help="until it expires; never unless told")
        revoke = asked.add_parser("revoke", help="end a key")
        revoke.add_argument("prefix", help="as the list shows it")
        revoke.add_argument("--by", required=True, help="who revokes it")
        asked.add_parser("list", help="show the keys, never their secrets")

    def handle(self, *args: Any, **options: Any) -> None:
        {"issue": self._issue, "revoke": self._revoke, "list": self._list}[options["asked"]](options)

    def _issue(self, options: dict[str, Any]) -> None:
        user = _user(options["user"])
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("A key is valid for one day at least.")
        key, full = api_keys.issue(
            name=options["name"],
            user=user,
            by=_user(options["by"]) if options["by"] else user,
            scopes=options["scope"] or ("read", "upload"),
            sources=options["source"],
            departments=_departments(options["department"]),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        self.stderr.write(f"Key {key.prefix} for {user}. Keep what follows: it is shown only now.")
        self.stdout.write(full)

    def _revoke(self, options: dict[str, Any]) -> None:
        key = ApiKey.objects.filter(prefix=options["prefix"]).first()
        if key is None:
            raise CommandError(f"There is no key {options['prefix']}.")
        if key.revoked_at is not None:
            raise CommandError(f"Key {key.prefix} was revoked already.")
        api_keys.revoke(key, by=_user(options["by"]))
        self.stdout.write(f"Key {key.prefix} ({key.name}) no longer works.")

    def _list(self, options: dict[str, Any]) -> None:
        for key in ApiKey.objects.select_related("user").prefetch_related("departments").order_by("prefix"):
            bound = [*key.sources, *(department.key for department in key.departments.all())]
            parts = (
                key.prefix,
                _standing(key),
                key.user.get_username(),
                ",".join(key.scopes),
                ",".join(bound) or "all",
            )
            self.stdout.write("  ".join((*parts, key.name)))


def _user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is nobody named {name}.")
    return found


def _departments(keys: list[str]) -> list[Department]:
    found = list(Department.objects.filter(key__in=keys))
    if missing := set(keys) - {department.key for department in found}:
        raise CommandError(f"There is no department {', '.join(sorted(missing))}.")
    return found


def _standing(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= timezone.now() else "valid"
