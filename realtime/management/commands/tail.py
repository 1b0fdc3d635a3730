import json
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils import timezone

from realtime import log as event_log
from realtime import sequencer
from realtime.log import Line, Missed
from realtime.models import Event

AT_ONCE, ASKED_AT_ONCE = 500, 200
LOOK_EVERY, ASK_EVERY, LONGEST_WAIT = 0.5, 1.0, 30.0  # seconds
ANSWER_WITHIN = 20.0
SAID = ("title", "name", "kind", "status", "percent", "code", "error_code", "detail", "error_detail", "subject", "id")


class Away(Exception):
    """What is read from does not answer just now; `retry_after`: seconds that it asked for."""

    def __init__(self, why: str, retry_after: float = 0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class Reader(Protocol):
    every: float

    def present(self) -> int:
        """The last position given. Raises Away."""

    def read(self, after: int) -> Missed:
        """What was told after a position. Raises Away."""


@dataclass
class OwnLog:
    """The event log of this gateway's database: all of it, or what was told to any of `topics`."""

    topics: list[str]
    every: float = LOOK_EVERY

    def present(self) -> int:
        return self._number()

    def read(self, after: int) -> Missed:
        last = self._number()
        try:
            pruned = event_log.pruned_to()
            if after > last or 0 < after < pruned:
                return Missed([], last if after > last else pruned, complete=False, reset=True)
            found = Event.objects.filter(position__gt=after, position__lte=last).order_by("position")
            if self.topics:
                found = found.filter(audience__overlap=self.topics)
            lines = [Line(row.position or 0, row.type, row.at, row.data) for row in found[:AT_ONCE]]
        except DatabaseError as error:
            raise Away(f"PostgreSQL does not answer ({error})") from error
        complete = len(lines) < AT_ONCE
        return Missed(lines, last if complete else lines[-1].position, complete=complete)

    def _number(self) -> int:
        try:
            return sequencer.number_events()
        except DatabaseError as error:
            raise Away(f"PostgreSQL does not answer ({error})") from error


@dataclass
class Elsewhere:
    """A gateway somewhere else, asked over HTTP: what the key's owner may see, and `topics` beside it."""

    url: str
    key: str
    topics: list[str]
    every: float = ASK_EVERY
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise CommandError("--url begins with http:// or https://.")
        own = {"X-API-Key": self.key} if self.key.startswith("kmrl_") else {"Authorization": f"Bearer {self.key}"}
        self.headers = {"Accept": "application/json", **own}

    def present(self) -> int:
        return int(self._ask({})["position"])

    def read(self, after: int) -> Missed:
        found = self._ask({"after": after, "limit": ASKED_AT_ONCE})
        lines = [
            Line(one["position"], one["type"], datetime.fromisoformat(one["at"]), one["data"])
            for one in found["events"]
        ]
        return Missed(lines, found["position"], complete=len(lines) < ASKED_AT_ONCE, reset=found["reset"])

    def _ask(self, query: dict[str, int]) -> Any:
        asked = urlencode([*query.items(), *(("topic", topic) for topic in self.topics)])
        address = f"{self.url.rstrip('/')}/api/v1/events/?{asked}"
        try:
            with urlopen(Request(address, headers=self.headers), timeout=ANSWER_WITHIN) as answer:  # noqa: S310 - http
                return json.load(answer)
        except HTTPError as error:
            if error.code in (400, 401, 403, 404):
                raise CommandError(_sentence(error)) from error
            raise Away(f"It answers {error.code}", float(error.headers.get("Retry-After") or 0)) from error
        except (URLError, TimeoutError, ConnectionError, ValueError) as error:
            raise Away(f"It cannot be reached ({error})") from error


class Command(BaseCommand):
    help = "Prints events as they are told, a line each. Ctrl-C ends it and says where it was."
    requires_system_checks: list[str] = []  # they would load every page first, for a third of a second

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--topic",
            action="append",
            default=[],
            help="only what was told to this, as document:<id> (may be repeated)",
        )
        parser.add_argument("--after", type=int, help="begin after this position (0: from the first that is kept)")
        parser.add_argument("--once", action="store_true", help="stop when there is nothing more")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, as the socket tells it")
        parser.add_argument(
            "--url", help="a gateway elsewhere, as https://gateway.example; its topics come beside what you may hear"
        )
        parser.add_argument("--api-key", help="with --url: an API key or a JWT (or the variable KMRL_API_KEY)")

    def handle(self, *args: Any, **options: Any) -> None:
        reader = self._reader(options)
        self._position = options["after"]
        self._trouble, self._began = 0, False
        try:
            self._follow(reader, options)
        except KeyboardInterrupt:
            self.stderr.write(f"\nStopped. Go on with --after {self._position or 0}.")
        except BrokenPipeError:  # whoever read it has gone: `| head`
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - so that nothing is flushed into the pipe at the end

    def _reader(self, options: dict[str, Any]) -> Reader:
        if options["url"]:
            key = options["api_key"] or os.environ.get("KMRL_API_KEY", "")
            if not key:
                raise CommandError("Give --api-key, or set KMRL_API_KEY.")
            return Elsewhere(options["url"], key, options["topic"])
        if options["api_key"]:
            raise CommandError("--api-key goes with --url; on the gateway's own machine none is needed.")
        return OwnLog(options["topic"])

    def _follow(self, reader: Reader, options: dict[str, Any]) -> None:
        while True:
            try:
                done = self._once(reader, as_json=options["json"])
            except Away as error:
                if options["once"]:
                    raise CommandError(f"{error}.") from error
                self._wait(error)
                continue
            if self._trouble:
                self.stderr.write("It answers again.")
                self._trouble = 0
            if done:
                if options["once"]:
                    return
                time.sleep(reader.every)

    def _once(self, reader: Reader, *, as_json: bool) -> bool:
        """Print what is there now; whether that is all."""
        if self._position is None:
            self._position = reader.present()
        found = reader.read(self._position)
        if found.reset and not self._began:
            raise CommandError(f"Events after position {self._position} are gone. Begin with --after {found.position}.")
        if found.reset:
            self.stderr.write(f"Events after position {self._position} are gone; it goes on after {found.position}.")
        self._began = True
        for line in found.lines:
            self.stdout.write(_as_json(line) if as_json else _for_people(line))
            self._position = line.position
        self.stdout.flush()
        self._position = found.position
        return found.complete

    def _wait(self, error: Away) -> None:
        if not self._trouble:
            self.stderr.write(f"{error}. Trying again …")
        self._trouble += 1
        time.sleep(max(error.retry_after, min(LONGEST_WAIT, 0.5 * 2 ** min(self._trouble, 6))))


def _as_json(line: Line) -> str:
    return json.dumps(
        {"type": line.type, "position": line.position, "at": _utc(line.at), "data": line.data}, ensure_ascii=False
    )


def _for_people(line: Line) -> str:
    """`10:42:07  1234  document.status   Invoice 42 · processed · 0192f1…`"""
    at = timezone.localtime(line.at)
    return f"{at:%H:%M:%S}  {line.position:>7}  {line.type:<18}  {' · '.join(_facts(line.data))}"


def _facts(data: Any) -> Iterable[str]:
    return (" ".join(str(data[name]).split()) for name in SAID if data.get(name) not in (None, ""))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sentence(error: HTTPError) -> str:
    """What the gateway says about its no."""
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The gateway answers {error.code}."
