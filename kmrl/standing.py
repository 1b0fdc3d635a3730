"""How things stand, in figures that cost little at any size: the administration's first page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone

from documents import failures
from jobs.alerts import raising
from jobs.models import Alert, Job, JobState, Queue, Worker
from jobs.registry import GONE_AFTER
from kmrl.pages import wording

COUNTED_TO = 10_000


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    list: str
    asked: str = ""
    note: str = ""
    alarming: bool = False


@dataclass(frozen=True)
class Cause:
    """Documents that could not be read for one cause."""

    code: str
    word: str
    number: int


@dataclass(frozen=True)
class Standing:
    figures: list[Figure]
    causes: list[Cause]
    workers: list[Worker]
    paused: list[str]
    alerts: list[Alert]


def now() -> Standing:
    """Each figure is read by a partial index or by time, and counted to 10,000."""
    minute = timezone.now() - timedelta(minutes=1)
    waiting = Job.objects.filter(state=JobState.QUEUED)
    oldest = waiting.filter(run_after=None).aggregate(at=Min("created_at"))["at"]
    causes = [Cause(cause.code, wording.error(cause.code), cause.number) for cause in failures.by_cause()]
    failed = sum(cause.number for cause in causes)
    workers = list(Worker.objects.filter(seen_at__gt=timezone.now() - GONE_AFTER).order_by("started_at")[:20])
    dead = _count(Job.objects.filter(state=JobState.DEAD))
    figures = [
        Figure("waiting", _said(_count(waiting)), "jobs_job", "state__exact=queued", _since(oldest)),
        Figure(
            "running", _said(_count(Job.objects.filter(state=JobState.RUNNING))), "jobs_job", "state__exact=running"
        ),
        Figure("done in the last minute", _said(_count(Job.objects.filter(finished_at__gte=minute))), "jobs_job"),
        Figure("documents not readable", _said(failed), "documents_document", "status__exact=failed"),
        Figure("jobs given up", _said(dead), "jobs_job", "state__exact=dead", alarming=dead > 0),
        Figure("workers", f"{len(workers)}", "jobs_worker", alarming=not workers),
    ]
    return Standing(
        figures,
        causes[:8],
        workers,
        list(Queue.objects.filter(paused=True).values_list("name", flat=True)),
        raising.open_alerts(),
    )


def _count(rows: QuerySet) -> int:
    return rows.order_by()[: COUNTED_TO + 1].count()


def _said(number: int) -> str:
    return f"more than {COUNTED_TO:,}" if number > COUNTED_TO else f"{number:,}"


def _since(at: datetime | None) -> str:
    if at is None:
        return ""
    minutes = int((timezone.now() - at).total_seconds() // 60)
    return f"the oldest for {minutes} min" if minutes else "the oldest for less than a minute"
