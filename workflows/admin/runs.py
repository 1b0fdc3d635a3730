"""The list of runs: which workflow, on what, where it stands, since when, due when. A row leads to the run's page."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin
from accounts.models import Department
from documents import titles
from workflows import bodies, clock
from workflows.admin.desk import malayalam, own_page, place, rights
from workflows.admin.inbox import called
from workflows.definitions import steps
from workflows.models import ALIVE, Definition, Instance, InstanceStatus
from workflows.visibility import InstanceQuerySet

LABELS: dict[str, str] = {
    InstanceStatus.RUNNING: "info",
    InstanceStatus.PAUSED: "warning",
    InstanceStatus.INCIDENT: "danger",
    InstanceStatus.FINISHED: "success",
    InstanceStatus.CANCELLED: "default",
}
SHOWN = 3  # steps at which a run stands


class StandingFilter(RadioFilter):
    title = gettext_lazy("status")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        alive = ("alive", gettext_lazy("alive"))
        return [alive, *((str(value), gettext_lazy(str(label))) for value, label in InstanceStatus.choices)]

    def queryset(self, request: HttpRequest, runs: QuerySet[Instance]) -> QuerySet[Instance]:
        said = self.value()
        if said == "alive":
            return runs.filter(status__in=ALIVE)
        return runs.filter(status=said) if said else runs


class DefinitionFilter(RadioFilter):
    title = gettext_lazy("workflow")
    parameter_name = "definition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.key, called(one)) for one in Definition.objects.order_by("title")[:60]]

    def queryset(self, request: HttpRequest, runs: QuerySet[Instance]) -> QuerySet[Instance]:
        if not self.value():
            return runs
        return runs.filter(
            definition_id__in=list(Definition.objects.filter(key=self.value()).values_list("pk", flat=True))
        )


class DepartmentFilter(RadioFilter):
    title = gettext_lazy("department")
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.key, place(one)) for one in Department.objects.filter(active=True).order_by("name")[:60]]

    def queryset(self, request: HttpRequest, runs: QuerySet[Instance]) -> QuerySet[Instance]:
        if not self.value():
            return runs
        return runs.filter(
            department_id__in=list(Department.objects.filter(key=self.value()).values_list("pk", flat=True))
        )


class LateFilter(RadioFilter):
    title = gettext_lazy("deadline")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("breached", gettext_lazy("missed")), ("kept", gettext_lazy("kept so far"))]

    def queryset(self, request: HttpRequest, runs: QuerySet[Instance]) -> QuerySet[Instance]:
        if self.value() == "breached":
            return runs.filter(Q(breached=True) | Q(due_at__lt=clock.now(), status__in=ALIVE))
        return runs.filter(breached=False, due_at__isnull=False) if self.value() else runs


@admin.register(Instance)
class InstanceAdmin(HouseAdmin):
    """Seen as everywhere; controlled by `workflows.control` alone."""

    auditors_look = True
    list_display = ("paper", "workflow", "status_said", "where", "started", "due")
    list_filter = (StandingFilter, LateFilter, DefinitionFilter, DepartmentFilter)
    search_fields = ("=id", "document__title")
    search_help_text = gettext_lazy("Words of the document's title, or the id of a run or of a document.")
    ordering = (F("started_at").desc(), "-id")
    sortable_by = ("started",)

    def get_queryset(self, request: HttpRequest) -> InstanceQuerySet:
        runs: InstanceQuerySet = Instance.objects.listed_for(rights(request))
        return (
            runs.select_related("document", "version")
            .defer("version__body", "version__source")
            .prefetch_related("definition")
        )

    def get_search_results(
        self, request: HttpRequest, runs: QuerySet[Instance], search_term: str
    ) -> tuple[QuerySet[Instance], bool]:
        if not search_term:
            return runs, False
        try:
            found = UUID(search_term.strip())
        except ValueError:
            for of_title in titles.ids_by_words(search_term):
                runs = runs.filter(document_id__in=of_title)
            return runs, False
        return runs.filter(Q(pk=found) | Q(document_id=found) | Q(parent_id=found)), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), "title": _("Runs")})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's own page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return own_page("desk:run", object_id)

    @display(description=gettext_lazy("document"))
    def paper(self, run: Instance) -> str:
        title = run.document.title if run.document else _("no document")
        return title if len(title) <= 80 else f"{title[:79]}…"

    @display(description=gettext_lazy("workflow"))
    def workflow(self, run: Instance) -> str:
        return f"{called(run.definition)} v{run.version.number}"

    @display(description=gettext_lazy("status"), label=LABELS)
    def status_said(self, run: Instance) -> tuple[str, str]:
        return str(run.status), _(run.get_status_display())

    @display(description=gettext_lazy("stands at"))
    def where(self, run: Instance) -> str:
        """The steps at which tokens wait, or how it ended."""
        if not run.is_alive:
            return _(run.outcome.replace("_", " ")) if run.outcome else "–"
        known = steps.by_id(bodies.of(run.version_id).data)
        tokens = run.state.get("tokens", {}).values()
        named = [
            _named(known.get(one["step"]), one["step"]) for one in tokens if one["state"] in ("waiting", "incident")
        ]
        said = list(dict.fromkeys(named))
        more = f" +{len(said) - SHOWN}" if len(said) > SHOWN else ""
        return ", ".join(said[:SHOWN]) + more if said else _("waits to begin")

    @display(description=gettext_lazy("since"), ordering="started_at")
    def started(self, run: Instance) -> str:
        return date_format(localtime(run.started_at), "j M, H:i")

    @display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, run: Instance) -> SafeString | str:
        if run.due_at is None:
            return "–"
        late = run.breached or (run.is_alive and run.due_at < clock.now())
        said = date_format(localtime(run.due_at), "j M, H:i")
        return format_html('<b class="due late">{}</b> {}', _("missed"), said) if late else said


def _named(step: dict[str, Any] | None, key: str) -> str:
    title = ((step.get("title_ml") if malayalam() else "") or step.get("title")) if step else ""
    return str(title or key.replace("_", " ").capitalize())
