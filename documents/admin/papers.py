from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesRadioFilter, RangeDateTimeFilter
from unfold.decorators import action, display

from accounts.admin.desk import HouseAdmin, LookedAtInline, actor, link, list_link, runs_house
from accounts.rights import rights_of
from documents import bin, control, looking, titles
from documents.models import Batch, Document, Refused, Status, Version
from documents.visibility import DocumentQuerySet

LABELS: dict[str, str] = {
    Status.QUEUED: "default",
    Status.PROCESSING: "info",
    Status.PROCESSED: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "default",
    Status.QUARANTINED: "warning",
}


class CauseFilter(admin.SimpleListFilter):
    """`?cause=damaged`: documents that could not be read, by the code of their newest version."""

    title = "cause"
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name)
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, documents: QuerySet[Document]) -> QuerySet[Document]:
        if not (code := self.value()):
            return documents
        failed = documents.filter(status=Status.FAILED, binned_at=None)
        return failed.filter(newest__error_code="" if code == "none" else code)


class VersionInline(LookedAtInline):
    model = Version
    fk_name = "document"
    fields = (
        "number",
        "state",
        "original_filename",
        "content_type",
        "size",
        "page_count",
        "uploaded_by",
        "uploaded_at",
    )
    readonly_fields = fields
    verbose_name_plural = "versions"

    @display(description="status", label=LABELS)
    def state(self, version: Version) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description="size")
    def size(self, version: Version) -> str:
        return filesizeformat(version.file_size)


@admin.register(Document)
class DocumentAdmin(HouseAdmin):
    """Seen through the same door as everywhere; changed on the staff pages, controlled by the core's functions."""

    auditors_look = True
    list_display = (
        "title_said",
        "state",
        "department",
        "kind",
        "language",
        "source",
        "uploaded_by",
        "uploaded_at",
        "at_work",
    )
    list_filter = (
        ("status", ChoicesRadioFilter),
        ("department", AutocompleteSelectFilter),
        ("source", AutocompleteSelectFilter),
        ("uploaded_by", AutocompleteSelectFilter),
        ("uploaded_at", RangeDateTimeFilter),
        ("language", ChoicesRadioFilter),
        CauseFilter,
        ("binned_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=id", "title")
    search_help_text = "An id, or words of a title. Words of the text are searched on the staff pages."
    list_select_related = ("department", "source", "uploaded_by")
    ordering = ("-uploaded_at", "-id")
    sortable_by = ("title_said", "uploaded_at")
    actions = ("reprocess", "cancel", "discard", "restore")
    inlines = (VersionInline,)
    readonly_fields = ("page", "why", "work", "past", "named", "batch_link", "duplicate_link", "ways")
    fieldsets = (
        (None, {"fields": ("title", ("status", "page"), "why", ("work", "past"), "ways")}),
        ("Facts", {"fields": (("department", "document_type"), ("language", "document_date"), "metadata")}),
        ("Access", {"fields": (("access", "named"),)}),
        (
            "Receipt",
            {
                "fields": (
                    ("source", "priority"),
                    ("uploaded_by", "uploaded_at"),
                    ("settled_at", "batch_link"),
                    ("duplicate_link",),
                    ("binned_at", "binned_by"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> DocumentQuerySet:
        return Document.objects.visible_to(rights_of(actor(request)))

    def get_search_results(
        self, request: HttpRequest, documents: DocumentQuerySet, search_term: str
    ) -> tuple[DocumentQuerySet, bool]:
        """Words of a title, or an id: both by an index."""
        if not search_term:
            return documents, False
        try:
            return documents.filter(pk=search_term), False
        except (ValueError, TypeError, ValidationError):
            for found in titles.ids_by_words(search_term):
                documents = documents.filter(pk__in=found)
            return documents, False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Document | None:
        """A look at a restricted document is recorded, here as everywhere."""
        document: Document | None = super().get_object(request, object_id, from_field)
        if document is not None:
            looking.note(document, by=actor(request), rights=rights_of(actor(request)))
        return document

    @display(description="title", ordering="title")
    def title_said(self, document: Document) -> str:
        return document.title if len(document.title) <= 70 else f"{document.title[:69]}…"

    @display(description="status", ordering="status", label=LABELS)
    def state(self, document: Document) -> tuple[str, str]:
        return str(document.status), document.get_status_display()

    @display(description="type")
    def kind(self, document: Document) -> str:
        return document.get_document_type_display() or "–"

    @display(description="job")
    def at_work(self, document: Document) -> SafeString | str:
        return link("jobs_job", document.job_id, "job" if document.job_id else "")

    @display(description="on the staff pages")
    def page(self, document: Document) -> SafeString:
        classes = "text-primary-700 dark:text-primary-500"
        return format_html('<a class="{}" href="{}">Open</a>', classes, reverse("document", args=[document.pk]))

    @display(description="why it failed")
    def why(self, document: Document) -> str:
        version = document.newest
        return version.error_detail if version is not None and document.status == Status.FAILED else "–"

    @display(description="work")
    def work(self, document: Document) -> SafeString:
        newest = link("jobs_job", document.job_id, "the newest job") if document.job_id else "no job"
        every = list_link("jobs_job", "all of its jobs", subject=f"document:{document.pk}")
        return format_html("{}, {}", newest, every)

    @display(description="history")
    def past(self, document: Document) -> SafeString:
        return list_link("accounts_historyentry", "what was done to it", subject=f"document:{document.pk}")

    @display(description="workflows")
    def ways(self, document: Document) -> SafeString:
        runs = list_link("workflows_instance", "its runs", q=document.pk)
        tasks = list_link("workflows_humantask", "what was asked about it", q=document.pk, list="all")
        why = list_link("workflows_routing", "why it went where it went", q=document.pk)
        return format_html("{}, {}, {}", runs, tasks, why)

    @display(description="people named")
    def named(self, document: Document) -> str:
        return ", ".join(document.people.values_list("username", flat=True)) or "–"

    @display(description="batch")
    def batch_link(self, document: Document) -> SafeString | str:
        return link("documents_batch", document.batch_id, "its batch" if document.batch_id else "")

    @display(description="duplicate of")
    def duplicate_link(self, document: Document) -> SafeString | str:
        return link(
            "documents_document", document.duplicate_of_id, "an earlier one" if document.duplicate_of_id else ""
        )

    @action(description="Read again", permissions=["run"])
    def reprocess(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        self._do(request, documents, control.reprocess, "to be read again")

    @action(description="Stop the work on it", permissions=["run"])
    def cancel(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        self._do(request, documents, control.cancel, "stopped")

    @action(description="Put into the bin", permissions=["run"])
    def discard(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        self._do(request, documents, bin.discard, "put into the bin")

    @action(description="Put back from the bin", permissions=["run"])
    def restore(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        self._do(request, documents, bin.restore, "put back")

    def _do(self, request: HttpRequest, documents: QuerySet[Document], deed: Callable[..., object], done: str) -> None:
        by = actor(request)
        rights = rights_of(by)
        self.each(request, documents, lambda document: deed(document_id=document.pk, by=by, rights=rights), done=done)


@admin.register(Version)
class VersionAdmin(HouseAdmin):
    auditors_look = True
    list_display = (
        "original_filename",
        "document_link",
        "number",
        "state",
        "content_type",
        "size",
        "page_count",
        "uploaded_at",
    )
    list_filter = (("status", ChoicesRadioFilter), ("uploaded_by", AutocompleteSelectFilter))
    search_fields = ("=blob__sha256",)
    search_help_text = "The SHA-256 of a file."
    list_select_related = ("document",)
    ordering = ("-id",)
    sortable_by = ()
    readonly_fields = ("document_link", "size")
    fieldsets = (
        (None, {"fields": (("document_link", "number"), ("status", "processed_at"))}),
        ("File", {"fields": ("original_filename", ("content_type", "size"), "blob", ("uploaded_by", "uploaded_at"))}),
        (
            "What reading gave",
            {
                "fields": (
                    ("page_count", "pages_awaiting_ocr"),
                    ("language", "confidence_score"),
                    "flags",
                    "facts",
                    ("error_code", "error_detail"),
                )
            },
        ),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Version | None:
        """A look at what a restricted document says is recorded, here as everywhere."""
        version: Version | None = super().get_object(request, object_id, from_field)
        if version is not None:
            looking.note(version.document, by=actor(request), rights=rights_of(actor(request)))
        return version

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        seen = Document.objects.visible_to(rights_of(actor(request)))
        versions: QuerySet[Version] = super().get_queryset(request)
        return versions if runs_house(request) else versions.filter(document__in=seen)

    def get_search_results(
        self, request: HttpRequest, versions: QuerySet[Version], search_term: str
    ) -> tuple[QuerySet[Version], bool]:
        """By the index of bytes."""
        asked = search_term.strip().lower()
        return (versions.filter(blob_id=asked) if asked else versions), False

    @display(description="document")
    def document_link(self, version: Version) -> SafeString | str:
        return link("documents_document", version.document_id, version.document.title[:60])

    @display(description="status", ordering="status", label=LABELS)
    def state(self, version: Version) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description="size", ordering="file_size")
    def size(self, version: Version) -> str:
        return filesizeformat(version.file_size)


class RefusedInline(LookedAtInline):
    model = Refused
    fields = ("filename", "code", "detail")
    readonly_fields = fields
    show_change_link = False


@admin.register(Batch)
class BatchAdmin(HouseAdmin):
    auditors_look = True
    list_display = ("id", "uploaded_by", "created_at", "count_refused", "papers")
    list_filter = (("uploaded_by", AutocompleteSelectFilter),)
    search_fields = ("=id",)
    list_select_related = ("uploaded_by",)
    ordering = ("-id",)
    inlines = (RefusedInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return super().get_queryset(request).annotate(count=Count("refused"))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("id", "uploaded_by", "created_at")

    @display(description="refused")
    def count_refused(self, batch: Any) -> int:
        return int(batch.count)

    @display(description="documents")
    def papers(self, batch: Batch) -> SafeString:
        return list_link("documents_document", "show", batch__id__exact=batch.pk)
