"""Administration of work: what waits, what runs, what failed and why. States move by `jobs.control` alone."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesRadioFilter, RadioFilter
from unfold.decorators import action, display

from accounts.admin.desk import HouseAdmin, LookedAtInline, actor, link, list_link
from jobs import control, kinds
from jobs.models import Job, JobState, Queue, Worker
from jobs.registry import GONE_AFTER

LABELS: dict[str, str] = {
    JobState.QUEUED: "default",
    JobState.WAITING: "default",
    JobState.RUNNING: "info",
    JobState.SUCCEEDED: "success",
    JobState.FAILED: "warning",
    JobState.DEAD: "danger",
    JobState.CANCELLED: "default",
}
LOOKED_AT = 50_000
SUBJECTS = {"document": "documents_document", "job": "jobs_job", "workflow": "workflows_instance"}


class KindFilter(RadioFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in kinds.names()]

    def queryset(self, request: HttpRequest, jobs: QuerySet[Job]) -> QuerySet[Job]:
        return jobs.filter(kind=self.value()) if self.value() else jobs


class SubjectFilter(admin.SimpleListFilter):
    """`?subject=document:<id>`: all work about one subject, by its index."""

    title = "subject"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name)
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, jobs: QuerySet[Job]) -> QuerySet[Job]:
        kind, _, pk = (self.value() or "").partition(":")
        return jobs.filter(subject_kind=kind, subject_id=pk) if pk else jobs


class PartsInline(LookedAtInline):
    model = Job
    fields = ("kind", "state", "percent", "error_code")
    readonly_fields = fields
    verbose_name_plural = "parts"


@admin.register(Job)
class JobAdmin(HouseAdmin):
    auditors_look = True
    list_display = (
        "kind",
        "state_said",
        "subject",
        "urgent",
        "progress",
        "tries",
        "took",
        "owner",
        "created_at",
    )
    list_filter = (
        ("state", ChoicesRadioFilter),
        ("queue", ChoicesRadioFilter),
        KindFilter,
        SubjectFilter,
        ("owner", AutocompleteSelectFilter),
    )
    search_fields = ("=id", "=subject_id", "=error_code", "=worker")
    search_help_text = "The id of a job or of what it is about; an error code or a worker of the newest 50,000 jobs."
    list_select_related = ("owner",)
    ordering = ("-id",)
    sortable_by = ()
    actions = ("cancel", "retry")
    inlines = (PartsInline,)
    readonly_fields = ("subject", "past", "urgent", "took", "parent_link")
    fieldsets = (
        (
            None,
            {"fields": (("kind", "state"), ("subject", "owner"), ("queue", "urgent"), ("parent_link", "past"))},
        ),
        ("Progress", {"fields": (("percent", "step"), "message", ("created_at", "started_at", "finished_at"), "took")}),
        ("Failures", {"fields": (("error_code", "attempt", "max_attempts"), "error_detail", "failures")}),
        (
            "Inside",
            {
                "classes": ("collapse",),
                "fields": (("worker", "lease_until", "run_after"), ("fair_rank", "fence", "size"), "payload", "result"),
            },
        ),
    )

    def get_search_results(
        self, request: HttpRequest, jobs: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Ids by their indexes; what has none among the newest."""
        asked = search_term.strip()
        if not asked:
            return jobs, False
        try:
            pk = UUID(asked)
        except ValueError:
            newest = Job.objects.order_by("-pk").values_list("pk", flat=True)
            if (edge := newest[LOOKED_AT - 1 : LOOKED_AT].first()) is not None:
                jobs = jobs.filter(pk__gte=edge)
            return jobs.filter(Q(error_code__iexact=asked) | Q(worker__iexact=asked)), False
        return jobs.filter(Q(pk=pk) | Q(subject_kind__in=SUBJECTS, subject_id=str(pk))), False

    @display(description="state", ordering="state", label=LABELS)
    def state_said(self, job: Job) -> tuple[str, str]:
        return str(job.state), job.get_state_display()

    @display(description="about")
    def subject(self, job: Job) -> SafeString | str:
        words = f"{job.subject_kind} …{job.subject_id[-12:]}" if job.subject_id else ""
        return link(SUBJECTS.get(job.subject_kind, ""), job.subject_id, words)

    @display(description="priority", ordering="urgency")
    def urgent(self, job: Job) -> str:
        lifted = "" if job.urgency >= job.priority else f", lifted to {job.urgency}"
        return f"{job.get_priority_display()}{lifted}"

    @display(description="progress")
    def progress(self, job: Job) -> str:
        if job.state == JobState.RUNNING:
            return f"{job.percent} % {job.step}"
        return job.error_code or "–"

    @display(description="attempts")
    def tries(self, job: Job) -> str:
        return f"{job.attempt} of {job.max_attempts}"

    @display(description="took", ordering="took_ms")
    def took(self, job: Job) -> str:
        if job.took_ms is None:
            return "–"
        return f"{job.took_ms} ms" if job.took_ms < 1000 else f"{job.took_ms / 1000:.1f} s"

    @display(description="part of")
    def parent_link(self, job: Job) -> SafeString | str:
        return link("jobs_job", job.parent_id, f"job …{str(job.parent_id)[-12:]}" if job.parent_id else "")

    @display(description="history")
    def past(self, job: Job) -> SafeString:
        return list_link("accounts_historyentry", "What people did to it", subject=f"job:{job.pk}")

    @action(description="Stop: waiting at once, running within a second", permissions=["run"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self.each(request, jobs, lambda job: control.cancel(job_id=job.pk, by=actor(request)), done="stopped")

    @action(description="Try again, with a fresh count of attempts", permissions=["run"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self.each(request, jobs, lambda job: control.retry(job_id=job.pk, by=actor(request)), done="waiting again")


@admin.register(Queue)
class QueueAdmin(HouseAdmin):
    list_display = ("name", "standing", "waiting", "running")
    ordering = ("name",)
    fields = ("name", "paused")
    actions = ("pause", "resume")

    @display(description="standing", label={"open": "success", "paused": "warning"})
    def standing(self, queue: Queue) -> str:
        return "paused" if queue.paused else "open"

    @display(description="waiting")
    def waiting(self, queue: Queue) -> SafeString:
        return _count(queue, JobState.QUEUED)

    @display(description="running")
    def running(self, queue: Queue) -> SafeString:
        return _count(queue, JobState.RUNNING)

    @action(description="Pause: nothing more of it is begun", permissions=["run"])
    def pause(self, request: HttpRequest, queues: QuerySet[Queue]) -> None:
        pause = partial(control.pause, by=actor(request))
        self.each(request, queues, lambda queue: pause(queue=queue.name), done="paused")

    @action(description="Resume", permissions=["run"])
    def resume(self, request: HttpRequest, queues: QuerySet[Queue]) -> None:
        resume = partial(control.resume, by=actor(request))
        self.each(request, queues, lambda queue: resume(queue=queue.name), done="open again")


@admin.register(Worker)
class WorkerAdmin(HouseAdmin):
    list_display = ("host", "pid", "serves", "standing", "hands", "jobs_done", "memory", "started_at", "seen_at")
    ordering = ("-seen_at",)
    search_fields = ("host", "=pid")
    actions = ("drain",)

    @display(description="serves")
    def serves(self, worker: Worker) -> str:
        return ", ".join(worker.queues)

    @display(description="standing", label={"at work": "success", "draining": "warning", "gone": "danger"})
    def standing(self, worker: Worker) -> str:
        if worker.seen_at < timezone.now() - GONE_AFTER:
            return "gone"
        return "draining" if worker.draining else "at work"

    @display(description="hands", ordering="concurrency")
    def hands(self, worker: Worker) -> int:
        return int(worker.concurrency)

    @display(description="memory", ordering="memory_mb")
    def memory(self, worker: Worker) -> str:
        return f"{worker.memory_mb} MB"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in Worker._meta.fields]

    @action(description="Drain: finish what runs, begin nothing more", permissions=["run"])
    def drain(self, request: HttpRequest, workers: QuerySet[Worker]) -> None:
        drain = partial(control.drain, by=actor(request))
        self.each(request, workers, lambda worker: drain(worker_id=worker.pk), done="draining")


def _count(queue: Queue, state: JobState) -> SafeString:
    """Counted up to a thousand."""
    number = Job.objects.filter(state=state, queue=queue.name)[:1001].count()
    said = "more than 1,000" if number > 1000 else f"{number:,}"
    words = list_link("jobs_job", said, state__exact=state.value, queue__exact=queue.name)
    return format_html("{}", words)
