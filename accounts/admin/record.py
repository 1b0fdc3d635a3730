from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, link
from accounts.models import HistoryEntry

KINDS = {
    "document": "documents_document",
    "job": "jobs_job",
    "user": "accounts_user",
    "department": "accounts_department",
    "api_key": "accounts_apikey",
    "source": "documents_source",
    "workflow": "workflows_instance",
    "definition": "workflows_definition",
    "calendar": "workflows_workcalendar",
}


class KindFilter(RadioFilter):
    title = "about"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind.replace("_", " ")) for kind in KINDS]

    def queryset(self, request: HttpRequest, entries: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        return entries.filter(subject_kind=self.value()) if self.value() in KINDS else entries


class SubjectFilter(admin.SimpleListFilter):
    """`?subject=document:<id>`: the whole history of one subject, by its index."""

    title = "subject"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name)
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, entries: QuerySet[HistoryEntry]) -> QuerySet[HistoryEntry]:
        kind, _, pk = (self.value() or "").partition(":")
        return entries.filter(subject_kind=kind, subject_id=pk) if pk else entries


@admin.register(HistoryEntry)
class HistoryAdmin(HouseAdmin):
    """Who did what: append-only, also for administrators."""

    auditors_look = True
    list_display = ("at", "subject", "sequence", "action", "who", "note")
    list_filter = (KindFilter, SubjectFilter)
    search_fields = ("=subject_id",)
    search_help_text = "The id of a document, job, user or key."
    list_select_related = ("actor",)
    ordering = ("-id",)
    sortable_by = ()
    readonly_fields = ("subject",)
    fields = (
        ("subject", "sequence"),
        ("action", "at"),
        ("actor_name", "actor"),
        "before",
        "after",
        "note",
        "digest",
        "previous_digest",
    )

    def get_search_results(
        self, request: HttpRequest, entries: QuerySet[HistoryEntry], search_term: str
    ) -> tuple[QuerySet[HistoryEntry], bool]:
        """The subject's whole id, by its index."""
        asked = search_term.strip()
        return (entries.filter(subject_id__in={asked, asked.lower()}) if asked else entries), False

    @display(description="subject")
    def subject(self, entry: HistoryEntry) -> SafeString | str:
        kind = KINDS.get(entry.subject_kind, "")
        return link(kind, entry.subject_id, f"{entry.subject_kind} {entry.subject_id}")

    @display(description="by")
    def who(self, entry: HistoryEntry) -> str:
        return (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name
