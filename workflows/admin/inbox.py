"""The inbox in the administration: what waits for whoever looks, due first, decided singly or many alike.

A row leads to the task's own page; the deeds for what is chosen are the outcomes of the tasks that wait.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, is_auditor
from accounts.models import Role
from documents import titles
from workflows import analytics, clock, deciding, inbox
from workflows.admin.desk import has_inbox, malayalam, own_page, place, rights
from workflows.deciding import ORDER, TaskQuerySet
from workflows.models import Definition, HumanTask, TaskState
from workflows.tasks.standing import name_of

OUTCOMES_OF = 200
"""So many of the tasks that wait are asked for the outcomes that they offer."""
DECIDE = "decide_"
STATES = {
    TaskState.OPEN: capfirst(gettext_lazy("open")),  # “Open” is what buttons say
    TaskState.CLAIMED: gettext_lazy("Taken"),
    TaskState.COMPLETED: gettext_lazy("Decided"),
    TaskState.CANCELLED: gettext_lazy("Not needed any more"),
    TaskState.SUPERSEDED: gettext_lazy("Replaced by a new version"),
}
LABELS: dict[str, str] = {
    TaskState.OPEN: "info",
    TaskState.CLAIMED: "success",
    TaskState.COMPLETED: "default",
    TaskState.CANCELLED: "default",
    TaskState.SUPERSEDED: "default",
}


class WhoseFilter(RadioFilter):
    """What is shown; nothing said: what waits for who looks, or what is undecided to who decides nothing himself."""

    title = gettext_lazy("list")
    parameter_name = "list"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        held = rights(request)
        heads = held.runs_house or Role.HEAD in held.departments.values()
        whole, own = gettext_lazy("undecided in the whole house"), gettext_lazy("undecided in my departments")
        team = [("team", whole if held.runs_house else own)] if heads else []
        mine = [
            ("mine", gettext_lazy("waiting on me")),
            ("shared", gettext_lazy("waiting on me or taken by a colleague")),
            ("decided", gettext_lazy("decided by me")),
        ]
        last = [("undecided", gettext_lazy("all undecided that I see")), ("all", gettext_lazy("all that I see"))]
        return [*mine, *team, *last] if deciding.may_decide_at_all(held) else [*team, *last]

    def value(self) -> str:
        said = super().value()
        known = [key for key, _word in self.lookup_choices]
        return said if said in known else known[0]

    def queryset(self, request: HttpRequest, tasks: QuerySet[HumanTask]) -> QuerySet[HumanTask]:
        held, said = rights(request), self.value()
        if said == "mine":
            return inbox.waiting_for(held)
        if said == "shared":
            return inbox.waiting_for(held, taken_by_others=True)
        if said == "team":
            return inbox.team(held)
        if said == "decided":
            return tasks.filter(decisions__by_id=held.user_id)
        return tasks.filter(state__in=["open", "claimed"]) if said == "undecided" else tasks


class StateFilter(RadioFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), said) for value, said in STATES.items()]

    def queryset(self, request: HttpRequest, tasks: QuerySet[HumanTask]) -> QuerySet[HumanTask]:
        return tasks.filter(state=self.value()) if self.value() else tasks


class OverdueFilter(RadioFilter):
    title = gettext_lazy("deadline")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", gettext_lazy("overdue")), ("warned", gettext_lazy("comes near"))]

    def queryset(self, request: HttpRequest, tasks: QuerySet[HumanTask]) -> QuerySet[HumanTask]:
        if self.value() == "overdue":
            return tasks.filter(Q(breached=True) | Q(due_at__lt=clock.now()))
        return tasks.filter(warned=True, breached=False, due_at__gte=clock.now()) if self.value() else tasks


class DefinitionFilter(RadioFilter):
    title = gettext_lazy("workflow")
    parameter_name = "workflow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(one.key, called(one)) for one in Definition.objects.order_by("title")[:60]]

    def queryset(self, request: HttpRequest, tasks: QuerySet[HumanTask]) -> QuerySet[HumanTask]:
        if not self.value():
            return tasks
        ids = list(Definition.objects.filter(key=self.value()).values_list("pk", flat=True))
        return tasks.filter(instance__definition_id__in=ids)


@admin.register(HumanTask)
class HumanTaskAdmin(HouseAdmin):
    """Seen as everywhere; decided by the core's functions alone."""

    list_before_template = "admin/workflows/counts.html"
    list_display = ("paper", "due", "ask", "workflow", "has_it", "standing")
    list_filter = (WhoseFilter, OverdueFilter, DefinitionFilter, StateFilter)
    search_fields = ("title",)
    search_help_text = gettext_lazy("Words of the document's title or of the question, or an id.")
    ordering = ORDER
    sortable_by = ("due",)
    actions_selection_counter = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return has_inbox(request)

    def get_queryset(self, request: HttpRequest) -> TaskQuerySet:
        return inbox.with_relations(HumanTask.objects.listed_for(rights(request)))

    def get_search_results(
        self, request: HttpRequest, tasks: QuerySet[HumanTask], search_term: str
    ) -> tuple[QuerySet[HumanTask], bool]:
        """By an id (of the task, its document or its run), or by words of the titles."""
        if not search_term:
            return tasks, False
        try:
            found = UUID(search_term.strip())
        except ValueError:
            words = search_term.split()
            for word, of_title in zip(words, titles.ids_by_words(search_term), strict=False):
                tasks = tasks.filter(
                    Q(document_id__in=of_title) | Q(title__icontains=word) | Q(title_ml__icontains=word)
                )
            return tasks, False
        return tasks.filter(Q(pk=found) | Q(document_id=found) | Q(instance_id=found)), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        held = rights(request)
        said: dict[str, Any] = {
            "title": _("Inbox"),
            "heading": _("Inbox"),
            "counts": inbox.counts(held),
            "heads": self._heads(request),
        }
        said["figures"] = analytics.may_look(held)
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **said})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The task's own page, where it is decided."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return own_page("desk:task", object_id)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One deed for each outcome that the tasks waiting for this person offer."""
        if not self.has_view_permission(request) or is_auditor(request):
            return {}
        return {name: (deed, name, said) for name, deed, said in self._deeds(request)}

    def _deeds(self, request: HttpRequest) -> Iterator[tuple[str, Callable[..., HttpResponse], str]]:
        offered: dict[str, str] = {}
        waiting = HumanTask.objects.decidable_by(rights(request)).order_by(*ORDER)
        for outcomes in waiting.values_list("outcomes", flat=True)[:OUTCOMES_OF]:
            for one in outcomes:
                title = str((one.get("title_ml") if malayalam() else "") or one.get("title") or one["key"])
                offered.setdefault(str(one["key"]), title)
        for key, title in offered.items():
            yield f"{DECIDE}{key}", _to_many, _("%(outcome)s…") % {"outcome": title}

    def _heads(self, request: HttpRequest) -> bool:
        return rights(request).runs_house or Role.HEAD in rights(request).departments.values()

    @display(description=gettext_lazy("document"))
    def paper(self, task: HumanTask) -> str:
        title = task.document.title if task.document else _("no document")
        shown = title if len(title) <= 80 else f"{title[:79]}…"
        return f"{shown} (v{task.document_version})" if task.document_version and task.document_version > 1 else shown

    @display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, task: HumanTask) -> SafeString | str:
        """When it is due, and a mark that it is late or will soon be."""
        if task.due_at is None:
            return "–"
        at = localtime(task.due_at)
        said = date_format(at, "j M, H:i")
        if task.is_undecided and (task.breached or task.due_at < clock.now()):
            mark = format_html('<b class="due late">{}</b> ', _("overdue"))
        elif task.is_undecided and task.warned:
            mark = format_html('<b class="due near">{}</b> ', _("soon"))
        else:
            mark = SafeString("")
        return format_html('{}<time datetime="{}">{}</time>', mark, at.isoformat(), said)

    @display(description=gettext_lazy("question"))
    def ask(self, task: HumanTask) -> str:
        return (task.title_ml if malayalam() else "") or task.title

    @display(description=gettext_lazy("workflow"))
    def workflow(self, task: HumanTask) -> str:
        return called(task.instance.definition)

    @display(description=gettext_lazy("who has it"))
    def has_it(self, task: HumanTask) -> str:
        if task.state == TaskState.COMPLETED:
            return name_of(task.completed_by) if task.completed_by else "–"
        if task.assignee is not None:
            return name_of(task.assignee)
        return place(task.department)

    @display(description=gettext_lazy("state"), label=LABELS)
    def standing(self, task: HumanTask) -> tuple[str, str]:
        return str(task.state), str(STATES[TaskState(task.state)])


def called(definition: Definition) -> str:
    """Its title in the language of the page."""
    return (definition.title_ml if malayalam() else "") or definition.title


def _to_many(model_admin: HumanTaskAdmin, request: HttpRequest, tasks: QuerySet[HumanTask]) -> HttpResponse:
    """The page that shows what will be decided, and asks; the same request goes on there."""
    return HttpResponseRedirect(reverse("desk:many"), preserve_request=True)
