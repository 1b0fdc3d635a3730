"""Finding jobs: by their id, what they are about, whose they are, and how they stand. Newest first, by keyset.

No question reads the whole table: what no index answers is looked for among the newest 50,000 jobs, and from there
further back when somebody asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.http import QueryDict

from accounts.models import User
from accounts.rights import Rights
from documents import searching
from documents.models import Document, Version
from jobs.models import Job, JobState, Priority
from kmrl.queue import words

ROWS = 50
LOOKED_AT = 50_000
DOCUMENTS, NAMES_LOOKED_AT = 500, 20_000
PEOPLE = 50
INDEXED = (JobState.DEAD, JobState.WAITING, JobState.RUNNING, JobState.QUEUED, JobState.FAILED)
FILTERS = ("q", "state", "queue", "kind", "code", "owner")


@dataclass(frozen=True)
class Row:
    """A job in a list."""

    job: Job
    about: str

    @property
    def kind(self) -> str:
        return words.kind(self.job.kind)

    @property
    def state(self) -> str:
        return words.state(self.job.state)

    @property
    def icon(self) -> str:
        return words.icon(self.job.state)

    @property
    def queue(self) -> str:
        return words.queue(self.job.queue)

    @property
    def priority(self) -> str:
        return words.priority(Priority(self.job.priority).label)

    @property
    def cause(self) -> str:
        return words.cause(self.job.error_code) if self.job.error_code else ""

    @property
    def owner(self) -> str:
        owner = self.job.owner
        return "" if owner is None else owner.get_full_name() or owner.get_username()

    @property
    def waited(self) -> str:
        return words.duration(_seconds(self.job.created_at, self.job.started_at)) if self.job.started_at else "–"

    @property
    def took(self) -> str:
        return "–" if self.job.took_ms is None else words.duration(self.job.took_ms / 1000)

    @property
    def is_over(self) -> bool:
        return self.job.state in (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)


@dataclass(frozen=True)
class Found:
    """A stretch of jobs. `before` is where the next one begins, if any; `looked_at` is set when there may be more
    further back than was looked."""

    rows: list[Row]
    before: str = ""
    looked_at: int = 0


def find(asked: QueryDict, rights: Rights) -> Found:
    """The jobs that the address asks for. Unknown values find nothing."""
    jobs = Job.objects.order_by("-pk").select_related("owner")
    before = _uuid(asked.get("before", ""))
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    narrowed, indexed = _narrowed(jobs, asked, rights)
    edge = None if indexed else jobs.values_list("pk", flat=True)[LOOKED_AT - 1 : LOOKED_AT].first()
    if edge is not None:
        narrowed = narrowed.filter(pk__gte=edge)
    rows = rows_of(narrowed[: ROWS + 1])
    if len(rows) > ROWS:
        return Found(rows[:ROWS], str(rows[ROWS - 1].job.pk))
    return Found(rows, str(edge), LOOKED_AT) if edge is not None else Found(rows)


def rows_of(jobs: Iterable[Job]) -> list[Row]:
    """With the titles of what they are about, in one query more."""
    jobs = list(jobs)
    titles = titles_of(job.subject_id for job in jobs if job.subject_kind == "document")
    return [Row(job, titles.get(job.subject_id, "")) for job in jobs]


def titles_of(ids: Iterable[str]) -> dict[str, str]:
    """Titles of documents by id, for administrators, who see all."""
    found = Document.objects.filter(pk__in={pk for text in ids if (pk := _uuid(text))})
    return {str(pk): title for pk, title in found.values_list("pk", "title")}


def _narrowed(jobs: QuerySet[Job], asked: QueryDict, rights: Rights) -> tuple[QuerySet[Job], bool]:
    """The jobs asked for, and whether an index finds them."""
    plain = {"state": asked.get("state"), "queue": asked.get("queue"), "kind": asked.get("kind")}
    jobs = jobs.filter(**{name: value for name, value in plain.items() if value})
    if code := asked.get("code"):
        jobs = jobs.filter(error_code="" if code == "none" else code)
    if owner := asked.get("owner", "").strip():
        jobs = jobs.filter(owner__in=_people(owner))
    question = asked.get("q", "").strip()
    if question:
        jobs = jobs.filter(_about(question, rights))
    nothing_asked = not any(asked.get(name) for name in FILTERS)
    return jobs, bool(question) or nothing_asked or plain["state"] in INDEXED


def _about(question: str, rights: Rights) -> Q:
    """Jobs with this id, about or below what has it; else about documents with these words or in such a file."""
    if (pk := _uuid(question)) is not None:
        return Q(pk=pk) | Q(subject_kind="document", subject_id=str(pk)) | Q(parent=pk)
    seen = Document.objects.visible_to(rights)
    by_words = searching.filter_by_words(seen, question).order_by("-pk").values_list("pk", flat=True)
    ids = {str(found) for found in by_words[:DOCUMENTS]}
    newest = Version.objects.aggregate(last=Max("pk"))["last"] or 0
    names = Version.objects.filter(pk__gt=newest - NAMES_LOOKED_AT, original_filename__icontains=question)
    ids |= {str(found) for found in names.order_by("-pk").values_list("document_id", flat=True)[:DOCUMENTS]}
    return Q(subject_kind="document", subject_id__in=ids)


def _people(said: str) -> list[int]:
    named = Q(username__iexact=said) | Q(first_name__icontains=said) | Q(last_name__icontains=said)
    first, _, last = said.partition(" ")
    both = Q(first_name__iexact=first, last_name__iexact=last) if last else Q(pk__in=[])
    return list(User.objects.filter(named | both).values_list("pk", flat=True)[:PEOPLE])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _seconds(since: datetime, until: datetime | None) -> float | None:
    return None if until is None else max((until - since).total_seconds(), 0.0)
