"""One job from its first moment to now: a timeline that a person can follow, its family, what it is about."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import history
from accounts.models import HistoryEntry
from documents.models import Document
from jobs import place
from jobs.models import Job, JobState, Priority, Queue
from jobs.models.job import UNFINISHED
from kmrl.queue import finding, words
from kmrl.queue.finding import Row
from workflows import service_orders
from workflows.models import Instance

PARTS = 50


@dataclass(frozen=True)
class Moment:
    """Something that happened to it. `tone` is one of the states' colours; `log` is what the attempt last said."""

    at: datetime | None
    said: str
    icon: str
    tone: str = ""
    detail: str = ""
    advice: str = ""
    log: str = ""
    now: bool = False


@dataclass(frozen=True)
class Story:
    row: Row
    moments: list[Moment]
    document: Document | None
    run: Instance | None
    parent: Row | None
    parts: list[Row]
    payload: str
    result: str
    paused: bool = False
    ahead: int | None = None
    left: float | None = None
    priorities: list[tuple[str, str]] = field(default_factory=list)

    @property
    def job(self) -> Job:
        return self.row.job

    @property
    def is_unfinished(self) -> bool:
        return self.job.state in UNFINISHED

    @property
    def may_retry(self) -> bool:
        return self.job.state in (JobState.DEAD, JobState.FAILED, JobState.CANCELLED, JobState.SUCCEEDED)

    @property
    def priority(self) -> str:
        return Priority(self.job.priority).label

    @property
    def topics(self) -> str:
        """What the page listens to beside what comes unasked."""
        topics = [f"job:{self.job.pk}", *(f"job:{part.job.pk}" for part in self.parts)]
        return " ".join([*topics, f"document:{self.document.pk}"] if self.document else topics)

    @property
    def parts_said(self) -> str:
        over = sum(part.is_over for part in self.parts)
        return _("%(n)d of %(all)d parts are over") % {"n": over, "all": len(self.parts)}


def of(pk: UUID) -> Story | None:
    """None when there is no such job."""
    job = Job.objects.select_related("owner", "parent", "parent__owner").filter(pk=pk).first()
    if job is None:
        return None
    parts = finding.rows_of(Job.objects.filter(parent=pk).select_related("owner").order_by("pk")[:PARTS])
    document = Document.objects.filter(pk=job.subject_id).first() if job.subject_kind == "document" else None
    waits = job.state == JobState.QUEUED and job.run_after is None
    paused = waits and Queue.objects.filter(name=job.queue, paused=True).exists()
    ahead = place.place_of(job) if waits else None
    return Story(
        row=Row(job, document.title if document else ""),
        moments=_moments(job, ahead, paused),
        document=document,
        run=_run_of(job),
        parent=finding.rows_of([job.parent])[0] if job.parent is not None else None,
        parts=parts,
        payload=_shown(job.payload),
        result=_shown(job.result),
        paused=paused,
        ahead=ahead,
        left=place.eta_of(job),
        priorities=[(priority.label, words.priority(priority.label)) for priority in Priority],
    )


def _run_of(job: Job) -> Instance | None:
    """The run of a workflow that it works for."""
    if job.subject_kind != service_orders.SUBJECT:
        return None
    return Instance.objects.filter(pk=job.subject_id).select_related("definition", "document").first()


def _moments(job: Job, ahead: int | None, paused: bool) -> list[Moment]:
    """What is known, in order of time; then how it stands now."""
    by = Row(job, "").owner or _("the gateway")
    sent = Moment(job.created_at, _("Sent by %s") % by, "upload", detail=_sent_to(job))
    past = [sent, *_failures(job), *_deeds(job)]
    if job.started_at is not None and not _is_told(job):
        past.append(_begun(job))
    past.sort(key=lambda moment: moment.at or timezone.now())
    return [*past, *_ending(job, ahead, paused)]


def _sent_to(job: Job) -> str:
    said = _("Queue %(queue)s, priority %(priority)s")
    return said % {"queue": words.queue(job.queue), "priority": words.priority(Priority(job.priority).label)}


def _failures(job: Job) -> list[Moment]:
    """Each attempt that failed; what to do about it stands at the last."""
    entries = [entry for entry in job.failures if isinstance(entry, dict)]
    return [_failure(entry, is_last=entry is entries[-1]) for entry in entries]


def _failure(entry: dict[str, Any], *, is_last: bool) -> Moment:
    code = str(entry.get("code", ""))
    said = _("Attempt %(n)s failed: %(cause)s") % {"n": entry.get("attempt", "?"), "cause": words.cause(code)}
    lasted = _("after %s") % words.duration(float(entry["seconds"])) if entry.get("seconds") else ""
    where = _("on %s") % entry["worker"] if entry.get("worker") else ""
    detail = " · ".join(part for part in (str(entry.get("detail", "")), lasted, where) if part)
    at = parse_datetime(str(entry.get("at", "")))
    advice = words.advice(code) if is_last else ""
    return Moment(at, said, "failed", "failed", detail, advice, str(entry.get("log", "")).strip())


def _deeds(job: Job) -> list[Moment]:
    """What people did to it."""
    entries = history.of("job", job.pk).select_related("actor").order_by("sequence")
    return [_deed(entry) for entry in entries]


def _deed(entry: HistoryEntry) -> Moment:
    who = (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name
    said = _("%(deed)s by %(who)s") % {"deed": words.deed(entry.action), "who": who}
    was, now = entry.before.get("priority"), entry.after.get("priority")
    moved = _("from %(was)s to %(now)s") % {"was": words.priority(was), "now": words.priority(now)} if was else ""
    return Moment(entry.at, said, "person", detail=moved or entry.note)


def _is_told(job: Job) -> bool:
    """Whether the newest attempt is in the timeline already, by how it failed."""
    return bool(job.failures) and job.state != JobState.RUNNING and job.failures[-1].get("attempt") == job.attempt


def _begun(job: Job) -> Moment:
    waited = words.duration((job.started_at - job.created_at).total_seconds()) if job.started_at else ""
    attempt = {"n": job.attempt, "most": job.max_attempts}
    said = _("Begun, attempt %(n)d of %(most)d") % attempt if job.attempt else _("Begun")
    where = _("on %s") % job.worker if job.worker else ""
    since = _("%s after it was sent") % waited
    return Moment(job.started_at, said, "running", "running", " · ".join(part for part in (where, since) if part))


def _ending(job: Job, ahead: int | None, paused: bool) -> list[Moment]:
    """How it stands, or how it ended."""
    state = words.state(job.state)
    if job.state == JobState.SUCCEEDED:
        took = _("in %s") % words.duration(job.took_ms / 1000) if job.took_ms is not None else ""
        return [Moment(job.finished_at, state, "done", "processed", took)]
    if job.state == JobState.DEAD:
        said = _("after %(n)d of %(most)d attempts") % {"n": job.attempt, "most": job.max_attempts}
        return [Moment(job.finished_at, state, "failed", "failed", said, _("Mend the cause, then try it again."))]
    if job.state == JobState.CANCELLED:
        return [Moment(job.finished_at, state, "cancelled")]
    if job.state == JobState.RUNNING:
        return [Moment(None, state, "running", "running", now=True)]
    if job.state == JobState.FAILED or job.run_after is not None:
        said = _("not before the time given") if job.run_after else ""
        return [Moment(job.run_after, state, "attention", "attention", said, now=True)]
    if paused:
        return [Moment(None, _("Waits until its queue goes on"), "waiting", now=True)]
    detail = "" if ahead is None else _("next") if ahead == 0 else _("%d ahead of it") % ahead
    return [Moment(None, state, "waiting", detail=detail, now=True)]


def _shown(said: Any) -> str:
    return json.dumps(words.without_secrets(said), indent=2, ensure_ascii=False, default=str) if said else ""
