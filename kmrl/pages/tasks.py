"""What waits for a person: the list, its rows for live changes, the count on every page, and deciding many at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import keyset
from accounts.models import Role
from accounts.refusals import Refusal
from accounts.rest.pagination import counted
from accounts.rights import Rights
from kmrl.pages import answering, filters, flow_words, frame, task_rows, waiting
from kmrl.pages.filters import Chip
from kmrl.pages.task_rows import TaskRow
from workflows import approvals, clock, deciding, inbox
from workflows.models import Decision, Definition, HumanTask

ROWS = 50
MINE, TAKEN, TEAM, READING, DECIDED = "", "taken", "team", "read", "decided"


@dataclass(frozen=True)
class Tab:
    """One of the lists. `order` are the columns that it goes by."""

    key: str
    name: str
    found: Callable[[Rights], QuerySet[Any]]
    rows: Callable[[Any, Rights], list[TaskRow]]
    order: tuple[str, str] = ("due_at", "id")
    task: str = ""  # from a row to its task, where it is not one itself


@login_required
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """For the rail of an open page."""
    answer = JsonResponse({"waiting": waiting.count(frame.rights(request))})
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list of this address, due first."""
    mine, tab = frame.rights(request), _tab(request)
    found = _narrowed(request, tab)
    shown, after = _page(found, tab, request.GET.get("after", ""))
    more = filters.address(request, after=after) if after else ""
    context: dict[str, Any] = {"rows": tab.rows(shown, mine), "more": more, "tab": tab.key}
    if request.headers.get("X-Rows"):  # "Load more" asks for the rows alone
        answer = render(request, "tasks/rows.html", context)
        answer["X-More"] = more
        answer["Vary"] = "X-Rows"
        return answer
    to_read = waiting.to_read(mine)
    context |= {
        "to_read": to_read,
        "tabs": [
            (one.name, _address(one.key), one.key == tab.key, to_read if one.key == READING else 0)
            for one in _tabs(mine)
        ],
        "filters": _chips(request, mine, tab),
        "filtered": any(request.GET.get(name) for name in ("workflow", "late")),
        "clear": _address(tab.key),
        "tally": _tally(found),
        "decides": deciding.may_decide_at_all(mine),
        "rows_address": filters.address(request, path=reverse("task-rows")),
    }
    return frame.show(request, "tasks/list.html", context)


@login_required
@require_safe
def some(request: HttpRequest) -> HttpResponse:
    """The rows of `?ids=` that still belong to the list of this address: what live changes ask for."""
    try:
        ids = [UUID(text) for text in request.GET.get("ids", "").split(",")[:ROWS] if text]
    except ValueError as error:
        raise Http404 from error
    mine, tab = frame.rights(request), _tab(request)
    found = _narrowed(request, tab).filter(**{f"{tab.task or 'pk'}__in": ids})
    return render(request, "tasks/rows.html", {"rows": tab.rows(found, mine), "tab": tab.key})


@login_required
@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """Decides the chosen ones alike; says of each what came of it."""
    mine, person = frame.rights(request), frame.person(request)
    try:
        ids = [UUID(text) for text in request.POST.getlist("id")]
    except ValueError as error:
        raise Http404 from error
    outcome, comment = request.POST.get("outcome", ""), request.POST.get("comment", "")
    titles = {task.pk: task for task in HumanTask.objects.visible_to(mine).filter(pk__in=ids)}
    try:
        results = approvals.complete_many(task_ids=ids, outcome=outcome, comment=comment, by=person, rights=mine)
    except Refusal as refusal:
        return answering.refused(request, refusal, to=reverse("tasks"))
    decided = sum(one.refusal is None for one in results)
    said = ngettext("{n} decided", "{n} decided", decided).format(n=decided)
    return answering.done(
        request,
        said,
        to=reverse("tasks"),
        decided=decided,
        results=[
            {
                "id": str(one.task_id),
                "title": flow_words.titled(titles[one.task_id]) if one.task_id in titles else _("A task"),
                "refused": answering.in_words(one.refusal) if one.refusal else "",
            }
            for one in results
        ],
    )


# --- which list


def _tabs(mine: Rights) -> list[Tab]:
    """Those that have something to say to this person."""
    own = Tab(MINE, _("For me"), lambda rights: task_rows.ready(inbox.waiting_for(rights)), task_rows.rows_of)
    found = [own]
    if deciding.may_decide_at_all(mine):
        found.append(Tab(TAKEN, _("Also what others have taken"), _with_taken, task_rows.rows_of))
    if mine.runs_house or Role.HEAD in mine.departments.values():
        found.append(Tab(TEAM, _("My team"), lambda rights: task_rows.ready(inbox.team(rights)), task_rows.rows_of))
    found.append(Tab(READING, _("To read"), task_rows.readings, task_rows.of_readings, ("due_at", "id"), "task"))
    if deciding.may_decide_at_all(mine):
        found.append(Tab(DECIDED, _("Decided by me"), _decisions, task_rows.of_decisions, ("-at", "-id"), "task"))
    return found


def _tab(request: HttpRequest) -> Tab:
    """The one that the address names, else the first."""
    tabs = _tabs(frame.rights(request))
    return next((one for one in tabs if one.key == request.GET.get("show", "")), tabs[0])


def _with_taken(rights: Rights) -> QuerySet[Any]:
    return task_rows.ready(inbox.waiting_for(rights, taken_by_others=True))


def _decisions(rights: Rights) -> QuerySet[Any]:
    seen = HumanTask.objects.listed_for(rights).values("pk")
    mine = Decision.objects.filter(by_id=rights.user_id, task__in=seen)
    return mine.select_related(
        "task__document__newest", "task__document__readable", "task__instance__definition", "task__instance__started_by"
    )


def _narrowed(request: HttpRequest, tab: Tab) -> QuerySet[Any]:
    """What the list holds, by the chips of the address."""
    found, to_task = tab.found(frame.rights(request)), f"{tab.task}__" if tab.task else ""
    if workflow := request.GET.get("workflow"):
        ids = list(Definition.objects.filter(key=workflow).values_list("pk", flat=True))
        found = found.filter(**{f"{to_task}instance__definition_id__in": ids})
    if request.GET.get("late") and tab.key != DECIDED:
        found = found.filter(due_at__lt=clock.now())
    return found


def _chips(request: HttpRequest, mine: Rights, tab: Tab) -> list[Chip]:
    ways = [(one.key, flow_words.titled(one)) for one in Definition.objects.order_by("title", "key")]
    chips = [filters.chip(request, "workflow", _("Workflow"), ways)]
    if tab.key != DECIDED:
        chips.append(filters.chip(request, "late", _("Due"), [("1", _("late"))]))
    return [one for one in chips if one.chosen or one.choices]


def _page(found: QuerySet[Any], tab: Tab, after: str) -> tuple[list[Any], str]:
    columns = keyset.columns_of(found, list(tab.order))
    ordered = found.order_by(*(each.ordering for each in columns))
    if after:
        try:
            ordered = ordered.filter(keyset.beyond(columns, keyset.read(columns, after)))
        except Refusal as refusal:
            raise Http404 from refusal
    rows = list(ordered[: ROWS + 1])
    shown = rows[:ROWS]
    if len(rows) == len(shown):
        return shown, ""
    place = keyset.Place([each.value_in(shown[-1]) for each in columns], backward=False)
    return shown, keyset.write(columns, place)


def _tally(found: QuerySet[Any]) -> str:
    number, estimated = counted(cast(Any, found))
    if estimated:
        return _("about {:,} tasks").format(number)
    return ngettext("{:,} task", "{:,} tasks", number).format(number)


def _address(show: str) -> str:
    return filters.address_of(reverse("tasks"), {"show": show}) if show else reverse("tasks")
