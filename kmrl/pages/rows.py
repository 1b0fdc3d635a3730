"""Documents as the pages show them: with their work, their error in words and what may be done with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Action, Rights
from documents.models import Document, Version
from documents.models.document import IN_WORK
from documents.visibility import DocumentQuerySet, may
from jobs import place
from jobs.models import Job, JobState, Queue
from kmrl.pages import labels, reasons, wording

MOST_TOLD = 3 * 3600  # seconds: an estimate beyond is none
PICTURED = ("application/pdf", "image/")
UNTOLD = {"producer", "creator", "encoding"}  # what program wrote the file helps nobody to decide


@dataclass(frozen=True)
class Fact:
    """Something that was read, where, and how sure it is (percent, or None)."""

    name: str
    value: str
    place: str = ""
    sure: int | None = None


@dataclass(frozen=True)
class Row:
    document: Document
    job: Job | None
    rights: Rights
    ahead: int | None = None
    left: float | None = None
    facts: list[Fact] = field(default_factory=list)
    paused: bool = False

    @property
    def version(self) -> Version | None:
        return self.document.newest

    @property
    def working(self) -> bool:
        return self.document.status in IN_WORK

    @property
    def moves(self) -> bool:
        """Whether there is progress to be shown, not only a place in the queue."""
        return self.job is not None and self.job.state == JobState.RUNNING

    @property
    def percent(self) -> int:
        return self.job.percent if self.job else 0

    @property
    def step(self) -> str:
        """What is happening now: the step, or the place in the queue, and how long it takes."""
        if self.job is None:
            return ""
        if self.job.state == JobState.RUNNING:
            return " · ".join(part for part in (wording.step(self.job.step), _left(self.left)) if part)
        if self.job.state == JobState.FAILED:
            return _("Will be tried again")
        if self.paused:
            return _("Waits until its queue goes on")
        if self.ahead is None:
            return _("Waits for its turn")
        said = _("Next") if self.ahead == 0 else ngettext("%d ahead of it", "%d ahead of it", self.ahead) % self.ahead
        return " · ".join(part for part in (said, _left(self.left)) if part)

    @property
    def error(self) -> str:
        version = self.version
        return (
            reasons.in_words(version.error_detail) if version is not None and self.document.status == "failed" else ""
        )

    @property
    def error_word(self) -> str:
        return wording.error(self.version.error_code) if self.version and self.version.error_code else _("Failed")

    @property
    def advice(self) -> str:
        return wording.advice(self.version.error_code) if self.version else ""

    @property
    def flags(self) -> list[str]:
        return [name for name, _sentence in self.flag_notes]

    @property
    def flag_notes(self) -> list[tuple[str, str]]:
        if self.version is None:
            return []
        return [wording.flag("unread" if key == "no_text" and self.unread else key) for key in self.version.flags]

    @property
    def unread(self) -> str:
        """Why there is no page, for kinds of files that are kept without being read; else nothing."""
        version = self.document.readable
        return wording.flag("unread")[1] if version is not None and version.page_count == 0 else ""

    @property
    def kind(self) -> str:
        """A short word for what the file is."""
        return labels.file_sign(self.version.content_type) if self.version else ""

    @property
    def picture(self) -> str:
        """The address of the first page's picture, or nothing."""
        readable = self.document.readable
        if readable is None or not readable.page_count or not is_pictured(readable):
            return ""
        return f"/api/v1/documents/{self.document.pk}/pages/1/image/?width=160"

    @property
    def reference(self) -> str:
        """Reference and file name, as far as they say more than the title."""
        version = self.version
        if version is None:
            return ""
        said = self.document.metadata.get("reference") if isinstance(self.document.metadata, dict) else ""
        read = self.document.readable.facts.get("references") if self.document.readable else None
        parts = [str(said or (read[0]["value"] if read else ""))]
        if _plain(version.original_filename.rpartition(".")[0]) != _plain(self.document.title):
            parts.append(version.original_filename)
        if version.number > 1:
            parts.append(_("version %d") % version.number)
        return " · ".join([part for part in parts if part] or [f"{self.kind} · {filesizeformat(version.file_size)}"])

    @property
    def pages(self) -> str:
        version = self.document.readable
        if version is None or not version.page_count:
            return ""
        said = ngettext("%d page", "%d pages", version.page_count) % version.page_count
        if version.pages_awaiting_ocr:
            n = version.pages_awaiting_ocr
            said += ", " + ngettext("%d awaits text recognition", "%d await text recognition", n) % n
        return said

    @property
    def seconds(self) -> str:
        """How long reading took."""
        if self.job is None or self.job.took_ms is None:
            return ""
        return f"{self.job.took_ms} ms" if self.job.took_ms < 1000 else f"{self.job.took_ms / 1000:.1f} s"

    @property
    def confidence(self) -> int | None:
        version = self.document.readable
        if version is None or not version.page_count or version.confidence_score is None:
            return None
        return round(version.confidence_score * 100)

    @property
    def confidence_word(self) -> str:
        version = self.document.readable
        score = version.confidence_score if version else None
        return "" if score is None else wording.confidence(score)

    @property
    def offers(self) -> str:
        """What the actions bar may offer: `control` or nothing."""
        return "control" if self.may_do(Action.CONTROL) else ""

    def may_do(self, action: Action) -> bool:
        return may(self.rights, action, self.document)


def ready(documents: DocumentQuerySet) -> DocumentQuerySet:
    """`documents` with all that a row shows, in one query."""
    return documents.select_related("department", "source", "uploaded_by", "newest", "readable")


def rows_of(documents: Iterable[Document], rights: Rights, *, places: bool = False) -> list[Row]:
    """Rows with the jobs of all of them in one query; `places` costs three more for each that is in work."""
    documents = list(documents)
    wanted = [document.job_id for document in documents if document.job_id and document.status in IN_WORK]
    jobs = Job.objects.in_bulk(wanted)
    found = [(document, jobs.get(document.job_id) if document.job_id else None) for document in documents]
    if places:
        return [_placed(document, job, rights) for document, job in found]
    waits = any(job.state == JobState.QUEUED for job in jobs.values())
    paused = set(Queue.objects.filter(paused=True).values_list("name", flat=True)) if waits else set()
    return [Row(document, job, rights, paused=job is not None and job.queue in paused) for document, job in found]


def row_of(document: Document, rights: Rights) -> Row:
    """One row, with its job also when that is finished, and its facts."""
    row = _placed(document, document.job, rights)
    return Row(document, document.job, rights, row.ahead, row.left, facts_of(document), row.paused)


def is_pictured(version: Version) -> bool:
    """Whether pages of this kind of file have pictures."""
    return version.content_type.startswith(PICTURED)


def facts_of(document: Document) -> list[Fact]:
    """What was read out of the text, and what the sender said about it."""
    read = document.readable.facts if document.readable else {}
    told = {name: said for name, said in read.items() if name not in UNTOLD and not _is_title(name, said, document)}
    facts = [_fact(name, said) for name, said in told.items()]
    return facts + [_fact(name, said) for name, said in (document.metadata or {}).items() if name not in read]


def _fact(name: str, said: Any) -> Fact:
    """A fact is a value with where it was read, a list of such, or what the sender wrote."""
    parts = said if isinstance(said, list) else [said]
    told = [part for part in parts if isinstance(part, dict) and "value" in part]
    if not told:
        return Fact(wording.field(name), wording.value(name, said))
    sure = told[0].get("confidence")
    return Fact(
        wording.field(name),
        ", ".join(wording.value(name, part["value"]) for part in told),
        "; ".join(dict.fromkeys(place for part in told if (place := str(part.get("from", ""))).startswith("page "))),
        None if sure is None else round(sure * 100),
    )


def _is_title(name: str, said: Any, document: Document) -> bool:
    """Whether a fact says no more than the heading of the page."""
    return name == "title" and isinstance(said, dict) and _plain(str(said.get("value", ""))) == _plain(document.title)


def _placed(document: Document, job: Job | None, rights: Rights) -> Row:
    if job is None or job.state not in (JobState.QUEUED, JobState.RUNNING):
        return Row(document, job, rights)
    if job.state == JobState.QUEUED and Queue.objects.filter(name=job.queue, paused=True).exists():
        return Row(document, job, rights, paused=True)
    ahead = place.place_of(job) if job.state == JobState.QUEUED else None
    return Row(document, job, rights, ahead, place.eta_of(job))


def _left(seconds: float | None) -> str:
    if seconds is None or seconds > MOST_TOLD:
        return ""
    if seconds < 90:
        return _("about %d s left") % max(1, round(seconds))
    return _("about %d min left") % round(seconds / 60)


def _plain(name: str) -> str:
    """A name without what only tells words apart."""
    return " ".join(name.replace("_", " ").replace("-", " ").split()).casefold()
