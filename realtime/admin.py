"""Administration of the event log: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, link
from realtime.catalogue import CATALOGUE
from realtime.models import Event


class TypeFilter(RadioFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name, told in CATALOGUE.items() if told.durable]

    def queryset(self, request: HttpRequest, events: QuerySet[Event]) -> QuerySet[Event]:
        return events.filter(type=self.value()) if self.value() else events


@admin.register(Event)
class EventAdmin(HouseAdmin):
    """What was told to whom, in the order in which everybody got it."""

    list_display = ("number", "type", "subject", "audience_said", "at")
    list_filter = (TypeFilter,)
    search_fields = ("=position",)
    search_help_text = "A position."
    ordering = ("-id",)
    sortable_by = ("number",)

    def get_search_results(
        self, request: HttpRequest, events: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """A position, by its index."""
        asked = search_term.strip().replace(",", "")
        if not asked:
            return events, False
        known = asked.isascii() and asked.isdecimal() and len(asked) < 19
        return (events.filter(position=int(asked)) if known else events.none()), False

    @display(description="position", ordering="position")
    def number(self, event: Event) -> str:
        return f"{event.position:,}" if event.position is not None else "not yet"

    @display(description="about")
    def subject(self, event: Event) -> SafeString | str:
        kind = {"document": "documents_document", "job": "jobs_job"}.get(event.type.partition(".")[0], "")
        return link(kind, event.data.get("id"), str(event.data.get("title") or event.data.get("id") or "–")[:80])

    @display(description="to")
    def audience_said(self, event: Event) -> str:
        return ", ".join(event.audience)
