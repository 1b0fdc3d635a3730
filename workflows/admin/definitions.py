"""The list of definitions; a row leads to the page where it is written, tried and published."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, list_link
from workflows import clock
from workflows.admin.inbox import called
from workflows.models import ALIVE, Definition, Incident, Instance, InstanceStatus

DAYS = 30
"""So far back the share of runs that ended well is looked at."""


class ActiveFilter(RadioFilter):
    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("active", gettext_lazy("active")),
            ("retired", gettext_lazy("retired")),
            ("draft", gettext_lazy("never published")),
        ]

    def queryset(self, request: HttpRequest, definitions: QuerySet[Definition]) -> QuerySet[Definition]:
        if self.value() == "draft":
            return definitions.filter(published=None)
        if not self.value():
            return definitions
        return definitions.filter(published__isnull=False, active=self.value() == "active")


@admin.register(Definition)
class DefinitionAdmin(HouseAdmin):
    """Changed by `workflows.definitions.publishing` alone."""

    auditors_look = True
    list_before_template = "admin/workflows/new_definition.html"
    list_display = ("called", "key", "kind", "version", "standing", "alive", "success", "drafted")
    list_filter = (("category", ChoicesRadioFilter), ActiveFilter)
    search_fields = ("title", "title_ml", "key")
    list_select_related = ("published", "draft_by")
    ordering = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Definition]:
        """With what is alive, and how runs ended lately (as `workflows.analytics` counts it); without the texts."""
        runs = Instance.objects.filter(definition=OuterRef("pk")).order_by()
        ended = runs.filter(finished_at__gte=clock.now() - timedelta(days=DAYS))
        stood = Incident.objects.filter(instance=OuterRef("pk"))
        well = ended.filter(~Exists(stood), status=InstanceStatus.FINISHED)
        return (
            super()
            .get_queryset(request)
            .defer("published__body", "published__source")
            .annotate(
                alive_count=_count(runs.filter(status__in=ALIVE)),
                ended_count=_count(ended),
                done_count=_count(well),
                differs=ExpressionWrapper(
                    ~Q(draft="") & Q(published__isnull=False) & ~Q(draft=F("published__source")), BooleanField()
                ),
            )
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of the definition, which the history knows by its key."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Q(pk=object_id) if object_id.isdecimal() else Q(key=object_id)
        key = Definition.objects.filter(found).values_list("key", flat=True).first()
        if key is None:
            return redirect("admin:workflows_definition_changelist")
        return redirect("desk:definition", key=key)

    @display(description=gettext_lazy("title"), ordering="title")
    def called(self, definition: Definition) -> str:
        return called(definition)

    @display(description=gettext_lazy("category"), ordering="category")
    def kind(self, definition: Definition) -> str:
        return _(definition.get_category_display())

    @display(description=gettext_lazy("version"))
    def version(self, definition: Definition) -> str:
        return f"v{definition.published.number}" if definition.published else "–"

    @display(
        description=gettext_lazy("standing"), label={"active": "success", "retired": "default", "draft": "warning"}
    )
    def standing(self, definition: Definition) -> tuple[str, str]:
        if definition.published is None:
            return "draft", _("never published")
        return ("active", _("active")) if definition.active else ("retired", _("retired"))

    @display(description=gettext_lazy("runs alive"), ordering="alive_count")
    def alive(self, definition: Any) -> SafeString | str:
        if not definition.alive_count:
            return "0"
        return list_link(
            "workflows_instance", f"{definition.alive_count:,}", definition=definition.key, standing="alive"
        )

    @display(description=gettext_lazy("success, 30 d"))
    def success(self, definition: Any) -> SafeString | str:
        """Of the runs that ended: those that finished and never stood at an incident."""
        if not definition.ended_count:
            return "–"
        share = definition.done_count / definition.ended_count
        return format_html('<span title="{}">{} %</span>', _of(definition), f"{100 * share:.0f}")

    @display(description=gettext_lazy("draft"))
    def drafted(self, definition: Any) -> str:
        """Whether somebody has written what is not published yet."""
        return _("differs") if definition.differs else "–"


def _count(runs: QuerySet[Instance]) -> Coalesce:
    number = runs.values("definition").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def _of(definition: Any) -> str:
    return _("%(done)s of %(all)s runs") % {
        "done": f"{definition.done_count:,}",
        "all": f"{definition.ended_count:,}",
    }
