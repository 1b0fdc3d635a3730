"""The administrators' view of the queue, in figures that cost the same at any number of finished jobs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import failures
from jobs import overview, place
from jobs.alerts import raising
from jobs.models import Alert, Job, JobState
from kmrl.pages import wording
from kmrl.queue import finding, words

DEAD_COUNTED_TO = DONE_COUNTED_TO = 10_000
NEWEST = 8
QUIET_AFTER = 8.0  # seconds without a sign of life


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    note: str = ""
    address: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One queue."""

    name: str
    word: str
    queued: int
    parts: int
    running: int
    later: int
    waited: float | None
    paused: bool

    @property
    def oldest(self) -> str:
        return "" if self.waited is None else words.duration(self.waited)


@dataclass(frozen=True)
class Task:
    """What a worker is at."""

    id: UUID
    kind: str
    about: str
    percent: int
    step: str
    since: str


@dataclass(frozen=True)
class Hand:
    """One worker process."""

    id: str
    name: str
    serves: str
    concurrency: int
    draining: bool
    memory_mb: int
    done: int
    started_at: datetime
    quiet: str
    tasks: list[Task]


@dataclass(frozen=True)
class Group:
    """Documents or jobs that failed for one cause."""

    code: str
    word: str
    advice: str
    number: int
    newest: datetime | None
    may_retry: bool
    kind: str = ""
    kind_word: str = ""


@dataclass(frozen=True)
class Board:
    alerts: list[Alert]
    figures: list[Figure]
    lines: list[Line]
    hands: list[Hand]
    failed: list[Group]
    dead: list[Group]
    newest: list[finding.Row]
    foretold: str

    @property
    def dead_number(self) -> int:
        return sum(group.number for group in self.dead)


def now() -> Board:
    at = timezone.now()
    lines = [_line(name, said) for name, said in overview.queues(at).items()]
    hands, failed, dead = _hands(overview.workers(at)), _failed(), _dead()
    newest = finding.rows_of(Job.objects.order_by("-pk").select_related("owner")[:NEWEST])
    figures = _figures(lines, hands, failed, dead)
    return Board(raising.open_alerts(), figures, lines, hands, failed, dead, newest, _foretold())


def _line(name: str, said: dict[str, Any]) -> Line:
    return Line(
        name=name,
        word=words.queue(name),
        queued=said["queued"],
        parts=said["waiting"],
        running=said["running"],
        later=said["failed"],
        waited=said["oldest_waiting_seconds"],
        paused=said["paused"],
    )


def _figures(lines: list[Line], hands: list[Hand], failed: list[Group], dead: list[Group]) -> list[Figure]:
    waiting, running = sum(line.queued for line in lines), sum(line.running for line in lines)
    more = "+" if waiting >= overview.COUNTED_TO else ""
    free = sum(hand.concurrency for hand in hands if not hand.draining)
    given_up, unread = sum(group.number for group in dead), sum(group.number for group in failed)
    tone = "failed" if given_up else ""
    hands_said = ngettext("%d hand", "%d hands", free) % free if hands else _("nothing is begun until one starts")
    return [
        Figure(_("waiting"), f"{waiting:,}{more}", _oldest(lines), "?state=queued"),
        Figure(_("running"), f"{running:,}", "", "?state=running"),
        Figure(_("done in a minute"), _lately(), _("in the last one")),
        Figure(_("given up"), f"{given_up:,}", _("jobs that need you") if given_up else "", "?state=dead", tone),
        Figure(_("unreadable"), f"{unread:,}", _("documents, outside the bin")),
        Figure(_("workers"), f"{len(hands)}", hands_said, "", "" if hands else "failed"),
    ]


def _foretold() -> str:
    """How far off the seconds were that those who waited in the last hour were told."""
    error = place.eta_error()
    if error["median_seconds"] is None:
        return ""
    said = _(
        "The seconds left that people were told in the last hour were off by %(off)s in the middle (%(n)d samples)."
    )
    return said % {"off": words.duration(error["median_seconds"]), "n": error["samples"]}


def _lately() -> str:
    """Counted up to 10,000."""
    minute_ago = timezone.now() - timedelta(minutes=1)
    number = Job.objects.filter(finished_at__gt=minute_ago, state=JobState.SUCCEEDED)[: DONE_COUNTED_TO + 1].count()
    return f"{number:,}" if number <= DONE_COUNTED_TO else f"{DONE_COUNTED_TO:,}+"


def _oldest(lines: list[Line]) -> str:
    oldest = max((line.waited for line in lines if line.waited is not None), default=None)
    return "" if oldest is None else _("the oldest for %s") % words.duration(oldest)


def _hands(workers: list[dict[str, Any]]) -> list[Hand]:
    running = [job for worker in workers for job in worker["jobs"] if job["subject"]]
    titles = finding.titles_of(job["subject"]["id"] for job in running if job["subject"]["kind"] == "document")
    return [
        Hand(
            id=worker["id"],
            name=f"{worker['host']} · {worker['pid']}",
            serves=words.queue(worker["queue"]),
            concurrency=worker["concurrency"],
            draining=worker["draining"],
            memory_mb=worker["memory_mb"],
            done=worker["jobs_done"],
            started_at=worker["started_at"],
            quiet=words.duration(worker["seen_seconds_ago"]) if worker["seen_seconds_ago"] > QUIET_AFTER else "",
            tasks=[
                Task(
                    id=job["id"],
                    kind=words.kind(job["kind"]),
                    about=titles.get(job["subject"]["id"], "") if job["subject"] else "",
                    percent=job["progress"],
                    step=job["step"],
                    since=words.duration(job["seconds"]),
                )
                for job in worker["jobs"]
            ],
        )
        for worker in workers
    ]


def _failed() -> list[Group]:
    return [
        Group(
            code=cause.code,
            word=wording.error(cause.code) if cause.code else _("No cause was given"),
            advice=wording.advice(cause.code),
            number=cause.number,
            newest=cause.newest,
            may_retry=cause.worth_another_try,
        )
        for cause in failures.by_cause()
    ]


def _dead() -> list[Group]:
    """The newest 10,000 dead, by kind and cause."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, error_code, count(*) AS number, max(finished_at) FROM ("
            " SELECT kind, error_code, finished_at FROM jobs_job WHERE state = %s ORDER BY id DESC LIMIT %s"
            ") AS dead GROUP BY kind, error_code ORDER BY number DESC, kind, error_code",
            [JobState.DEAD, DEAD_COUNTED_TO],
        )
        rows = cursor.fetchall()
    return [
        Group(code, words.cause(code), words.advice(code), number, newest, True, kind, words.kind(kind))
        for kind, code, number, newest in rows
    ]
