"""Why papers went where they went: every rule that was looked at, what it gave, and which one won."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, link
from documents import titles
from documents.models import Document
from workflows.admin.desk import in_words, rights
from workflows.models import Routing

EVENTS = {
    "document.processed": gettext_lazy("The document was read"),
    "document.failed": gettext_lazy("The document could not be read"),
    "document.version": gettext_lazy("The document got a new version"),
    "document.corrected": gettext_lazy("The document was corrected"),
}
RESULTS = {
    "won": gettext_lazy("chosen"),
    "also": gettext_lazy("started besides"),
    "outranked": gettext_lazy("matched too, but comes after"),
    "running": gettext_lazy("runs on it already"),
    "no": gettext_lazy("does not match"),
    "error": gettext_lazy("could not be looked at"),
    "refused": gettext_lazy("could not be started"),
}
CHOSEN = ("won", "also")


class EventFilter(RadioFilter):
    title = gettext_lazy("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(EVENTS.items())

    def queryset(self, request: HttpRequest, routings: QuerySet[Routing]) -> QuerySet[Routing]:
        return routings.filter(event=self.value()) if self.value() else routings


class StartedFilter(RadioFilter):
    title = gettext_lazy("what came of it")
    parameter_name = "started"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("a workflow was started")), ("no", gettext_lazy("nothing was started"))]

    def queryset(self, request: HttpRequest, routings: QuerySet[Routing]) -> QuerySet[Routing]:
        if self.value() == "yes":
            return routings.exclude(instances=[])
        return routings.filter(instances=[]) if self.value() else routings


@admin.register(Routing)
class RoutingAdmin(HouseAdmin):
    auditors_look = True
    list_display = ("paper", "happened", "chosen", "why", "at")
    list_filter = (EventFilter, StartedFilter)
    search_fields = ("=document__id",)
    search_help_text = gettext_lazy("Words of the document's title, or its id.")
    list_select_related = ("document",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = (("document_link", "happened"), "at", "rules", "runs")
    readonly_fields = ("document_link", "happened", "rules", "runs")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Routing]:
        return Routing.objects.filter(document__in=Document.objects.visible_to(rights(request)).values("pk"))

    def get_search_results(
        self, request: HttpRequest, routings: QuerySet[Routing], search_term: str
    ) -> tuple[QuerySet[Routing], bool]:
        if not search_term:
            return routings, False
        try:
            return routings.filter(document_id=UUID(search_term.strip())), False
        except ValueError:
            for found in titles.ids_by_words(search_term):
                routings = routings.filter(document_id__in=found)
            return routings, False

    @display(description=gettext_lazy("document"))
    def paper(self, routing: Routing) -> str:
        title = routing.document.title
        return title if len(title) <= 80 else f"{title[:79]}…"

    @display(description=gettext_lazy("event"))
    def happened(self, routing: Routing) -> str:
        return f"{EVENTS.get(routing.event, routing.event)}, v{routing.document_version}"

    @display(description=gettext_lazy("went to"))
    def chosen(self, routing: Routing) -> str:
        found = [str(one.get("definition")) for one in routing.considered if one.get("result") in CHOSEN]
        return ", ".join(dict.fromkeys(found)) or _("nowhere")

    @display(description=gettext_lazy("why"))
    def why(self, routing: Routing) -> str:
        found = [str(one.get("reason") or "") for one in routing.considered if one.get("result") == "won"]
        return found[0] if found and found[0] else "–"

    @display(description=gettext_lazy("document"))
    def document_link(self, routing: Routing) -> SafeString | str:
        return link("documents_document", routing.document_id, routing.document.title)

    @display(description=gettext_lazy("rules, the most urgent first"))
    def rules(self, routing: Routing) -> SafeString | str:
        if not routing.considered:
            return _("No active workflow has a trigger for this event.")
        rows = (
            (
                one.get("definition"),
                one.get("version"),
                one.get("priority"),
                one.get("when") or _("always"),
                RESULTS.get(str(one.get("result")), str(one.get("result"))),
                in_words(str(one.get("error") or one.get("reason") or "")),
                _saw(one),
            )
            for one in routing.considered
        )
        lines = format_html_join("", "<li><b>{} v{}</b> ({}): <code>{}</code><br>{}. {}{}</li>", rows)
        return format_html("<ol class='rules'>{}</ol>", lines)

    @display(description=gettext_lazy("what was started"))
    def runs(self, routing: Routing) -> SafeString | str:
        if not routing.instances:
            return "–"
        return format_html_join(", ", "{}", ((link("workflows_instance", pk, str(pk)),) for pk in routing.instances))


def _saw(rule: Mapping[str, Any]) -> SafeString:
    """What a rule saw, by the names in its expression; said where that was not kept."""
    values = rule.get("values")
    if values is None:
        return format_html("<br><small>{}</small>", _("What it saw is not kept."))
    pairs = ((name, json.dumps(held, ensure_ascii=False)) for name, held in sorted(values.items()))
    return format_html_join("", "<br><small>{} = {}</small>", pairs)
