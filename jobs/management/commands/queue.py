"""`manage.py queue`: the queue as a live table, and what the administration can do with it, from the command line.

Whoever may type here holds the gateway's passwords anyway: without `--as` nobody is asked for rights, and the history
says which user of the machine it was. With `--as NAME` the deed is that person's, who must be an administrator.
"""

import getpass
import os
import re
import socket
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from accounts.models import User
from accounts.refusals import IllegalMove, NotFound, Refusal
from jobs import control, overview, unasked
from jobs.management import table
from jobs.models import PRIORITIES, Job, JobState, QueueName
from jobs.models.job import UNFINISHED

CLEAR = "\x1b[H\x1b[2J"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Command(BaseCommand):
    help = "Shows queues, workers and what they run (live; once in a pipe), or moves jobs, queues and workers."
    requires_system_checks: list[str] = []  # they would load every page first, for a third of a second

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="print the table once and end")
        parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks")
        deeds = parser.add_subparsers(dest="deed", metavar="DEED", required=False)

        def deed(name: str, help: str, does: Callable[..., None]) -> ArgumentParser:
            found: ArgumentParser = deeds.add_parser(name, help=help, description=help)
            found.add_argument("--as", dest="who", metavar="NAME", help="the administrator whose deed this is")
            found.add_argument("--yes", action="store_true", help="do not ask, although many are hit")
            found.set_defaults(does=does)
            return found

        cancel = deed("cancel", "Stop jobs: waiting ones at once, running ones within 2 s.", self._cancel)
        cancel.add_argument("jobs", nargs="*", type=UUID, metavar="JOB")
        cancel.add_argument("--queue", choices=QueueName.values, help="all unfinished ones of this queue")
        cancel.add_argument("--kind", help="all unfinished ones of this kind")
        retry = deed("retry", "Have ended or failed jobs done again, with a fresh count of attempts.", self._retry)
        retry.add_argument("jobs", nargs="+", type=UUID, metavar="JOB")
        dead = deed("retry-dead", "Have every dead job done again.", self._retry_dead)
        dead.add_argument("--code", default="", help="only those with this error code")
        dead.add_argument("--kind", default="", help="only those of this kind")
        priority = deed("priority", "Give jobs another priority.", self._priority)
        priority.add_argument("level", choices=list(PRIORITIES))
        priority.add_argument("jobs", nargs="+", type=UUID, metavar="JOB")
        for name, help in (("pause", "Begin nothing more of these queues."), ("resume", "Go on with these queues.")):
            switch = deed(name, help, self._pause if name == "pause" else self._resume)
            switch.add_argument("queues", nargs="+", choices=QueueName.values, metavar="QUEUE")
        drain = deed("drain", "Have workers finish what they run and begin nothing more.", self._drain)
        drain.add_argument("workers", nargs="+", metavar="WORKER")
        clean = deed("clean", "Remove ended jobs; documents and history stay.", self._clean)
        states = [str(state) for state in unasked.ENDED]
        clean.add_argument("--state", action="append", choices=states, help="succeeded and cancelled unless told")
        clean.add_argument("--older-than", type=age, default=timedelta(days=1), metavar="AGE", help="as 90s, 2h, 30d")

    def handle(self, *args: Any, deed: str | None, once: bool, every: float, **options: Any) -> None:
        if deed is None:
            self._show(once, every)
            return
        self._user = _administrator(options["who"])
        try:
            options["does"](**options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal

    def _show(self, once: bool, every: float) -> None:
        live = not once and self.stdout.isatty()
        try:
            while True:
                text = "\n".join(table.lines(overview.status()))
                self.stdout.write(CLEAR + text if live else text)
                if not live:
                    return
                time.sleep(max(every, 0.2))
        except KeyboardInterrupt:
            return

    # --- the deeds: each by the same functions as the administration
    def _cancel(self, jobs: list[UUID], queue: str | None, kind: str | None, yes: bool, **_: Any) -> None:
        if bool(jobs) == bool(queue or kind):
            raise CommandError("Name jobs, or a --queue or --kind whose unfinished jobs are to be stopped.")
        chosen = jobs or list(_unfinished(queue, kind).order_by("pk").values_list("pk", flat=True))
        self._make_sure(len(chosen), "would be stopped", yes)
        self._each(chosen, lambda pk: self._do("cancel", job_id=pk), "stopped")

    def _retry(self, jobs: list[UUID], yes: bool, **_: Any) -> None:
        self._make_sure(len(jobs), "would be done again", yes)
        self._each(jobs, lambda pk: self._do("retry", job_id=pk), "waiting again")

    def _retry_dead(self, code: str, kind: str, yes: bool, **_: Any) -> None:
        self._make_sure(unasked.dead(error_code=code, kind=kind).count(), "would be done again", yes)
        self.stdout.write(f"{self._do('retry_dead', error_code=code, kind=kind)} waiting again")

    def _priority(self, level: str, jobs: list[UUID], yes: bool, **_: Any) -> None:
        self._make_sure(len(jobs), "would be moved", yes)
        self._each(jobs, lambda pk: self._do("set_priority", job_id=pk, priority=PRIORITIES[level]), f"now {level}")

    def _pause(self, queues: list[str], **_: Any) -> None:
        self._each(queues, lambda name: self._do("pause", queue=name), "paused")

    def _resume(self, queues: list[str], **_: Any) -> None:
        self._each(queues, lambda name: self._do("resume", queue=name), "open again")

    def _drain(self, workers: list[str], yes: bool, **_: Any) -> None:
        self._make_sure(len(workers), "would be drained", yes)
        self._each(workers, lambda name: self._do("drain", worker_id=name), "draining")

    def _clean(self, state: list[str] | None, older_than: timedelta, yes: bool, **_: Any) -> None:
        states = state or [JobState.SUCCEEDED, JobState.CANCELLED]
        self._make_sure(unasked.finished(states=states, older_than=older_than).count(), "would be removed", yes)
        self.stdout.write(f"{self._do('clean_finished', states=states, older_than=older_than)} removed")

    def _do(self, deed: str, **told: Any) -> Any:
        if self._user is not None:
            return getattr(control, deed)(**told, by=self._user)
        return getattr(unasked, deed)(**told, by=None, note=f"at the command line of {_machine()}")

    def _each(self, those: Iterable[Any], does: Callable[[Any], object], done: str) -> None:
        """Do it to each; say how it went. Raises CommandError when one was refused, after all the others."""
        refused = 0
        for one in those:
            try:
                does(one)
            except (IllegalMove, NotFound) as refusal:
                refused += 1
                self.stderr.write(f"{one}: {refusal.detail}")
            else:
                self.stdout.write(f"{one} {done}")
        if refused:
            raise CommandError(f"{refused} refused.")

    def _make_sure(self, number: int, what: str, yes: bool) -> None:
        """Ask when more than one is hit. Raises CommandError unless somebody says yes."""
        if number < 2 or yes:
            return
        said = f"{number:,} {what}."
        if not os.isatty(0):
            raise CommandError(f"{said} Say --yes to do it.")
        if input(f"{said} Go on? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was done.")


def age(text: str) -> timedelta:
    """`90s`, `15m`, `2h` or `30d`."""
    if not (found := re.fullmatch(r"(\d{1,6})([smhd])", text)):
        raise ArgumentTypeError("write a number and s, m, h or d, as 30d")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _unfinished(queue: str | None, kind: str | None) -> QuerySet[Job]:
    jobs = Job.objects.filter(state__in=UNFINISHED)
    if queue:
        jobs = jobs.filter(queue=queue)
    return jobs.filter(kind=kind) if kind else jobs


def _administrator(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"There is nobody named {name} who may sign in.")
    return user


def _machine() -> str:
    """Who types, as the machine knows them."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        user = str(os.getuid())
    return f"{socket.gethostname()} by {user}"
