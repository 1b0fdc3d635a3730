"""Deciding many tasks alike: what will be decided on which documents and versions, then how each went."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.admin.desk import actor
from accounts.refusals import Refusal
from kmrl.desk import door
from kmrl.desk.deciding import INBOX
from kmrl.pages import flow_words, reasons
from workflows import approvals, deciding, inbox
from workflows.admin.desk import page, rights
from workflows.admin.inbox import DECIDE
from workflows.approvals.many import MOST
from workflows.models import HumanTask
from workflows.tasks import forms


@dataclass(frozen=True)
class Line:
    """One task in the list; `why_not` says why it cannot be decided alike with the others, `filled` what its form
    holds and will say."""

    task: HumanTask
    title: str
    about: str
    version: int | None
    workflow: str
    why_not: str = ""
    said: str = ""
    filled: tuple[tuple[str, str], ...] = ()


@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """From the list: shows what was chosen and asks. With `sure`: decides, and says how each went."""
    door.ask(request)
    outcome = request.POST.get("outcome") or request.POST.get("action", "").removeprefix(DECIDE)
    chosen = ids(request.POST.getlist("task") or request.POST.getlist("_selected_action"))
    if request.POST.get("select_across") == "1" or not 0 < len(chosen) <= MOST:
        messages.warning(request, _("Choose from 1 to %(most)d tasks, page by page.") % {"most": MOST})
        return HttpResponseRedirect(reverse(INBOX))
    tasks = _tasks(request, chosen)
    if not tasks:
        messages.warning(request, _("There are no such tasks that you may see."))
        return HttpResponseRedirect(reverse(INBOX))
    if request.POST.get("sure") == "1":
        return _decided(request, tasks, outcome)
    return _asked(request, tasks, outcome)


def _asked(
    request: HttpRequest, tasks: Sequence[HumanTask], outcome: str, *, wrong: str = "", comment: str = ""
) -> HttpResponse:
    decidable = HumanTask.objects.decidable_by(rights(request)).filter(pk__in=[task.pk for task in tasks])
    mine = set(decidable.values_list("pk", flat=True))
    lines = [_line(task, outcome, task.pk in mine) for task in tasks]
    able = [line for line in lines if not line.why_not]
    if not able:
        for said in dict.fromkeys(line.why_not for line in lines):
            messages.warning(request, said)
        return HttpResponseRedirect(reverse(INBOX))
    title = _called(outcome, able)
    shared = {one["key"] for one in able[0].task.outcomes}
    for line in able:
        shared &= {one["key"] for one in line.task.outcomes}
    context: dict[str, Any] = {
        "lines": able,
        "left_out": [line for line in lines if line.why_not],
        "outcome": outcome,
        "outcome_said": title,
        "wants_comment": any(_wants_comment(line.task, outcome) for line in able),
        "refuses": any(one.get("veto") for one in able[0].task.outcomes if one["key"] == outcome),
        "others": [
            (one["key"], flow_words.titled(one)) for one in able[0].task.outcomes if one["key"] in shared - {outcome}
        ],
        "wrong": wrong,
        "comment": comment,
    }
    heading = ngettext("%(outcome)s: %(n)d task", "%(outcome)s: %(n)d tasks", len(able))
    return page(
        request, "admin/workflows/many.html", heading % {"outcome": title, "n": len(able)}, context,
        status=422 if wrong else 200,
    )  # fmt: skip


def _decided(request: HttpRequest, tasks: Sequence[HumanTask], outcome: str) -> HttpResponse:
    comment = request.POST.get("comment", "")
    if any(_wants_comment(task, outcome) for task in tasks) and not comment.strip():
        return _asked(request, tasks, outcome, wrong=_("Say why: this outcome wants a comment."))
    held, by_id = rights(request), {task.pk: task for task in tasks}
    try:
        results = approvals.complete_many(
            task_ids=list(by_id),
            outcome=outcome,
            comment=comment,
            by=actor(request),
            rights=held,
            door="bulk",
            versions=_versions(request),
        )
    except Refusal as refusal:
        messages.warning(request, reasons.in_words(refusal.detail))
        return HttpResponseRedirect(reverse(INBOX))
    lines = []
    for result in results:
        task = result.task or by_id[result.task_id]
        why = reasons.in_words(result.refusal.detail) if result.refusal else ""
        open_still = _("Your decision is kept; others are still asked.") if task.is_undecided else ""
        lines.append(_told(by_id[result.task_id], why_not=why, said="" if why else open_still))
    done = sum(not line.why_not for line in lines)
    heading = ngettext("%(n)d decided: %(outcome)s", "%(n)d decided: %(outcome)s", done)
    context = {
        "lines": sorted(lines, key=lambda line: not line.why_not),
        "refused": len(lines) - done,
        "done": done,
        "counts": inbox.counts(held),
    }
    title = heading % {"n": done, "outcome": _called(outcome, lines)}
    return page(request, "admin/workflows/decided.html", title, context)


def _line(task: HumanTask, outcome: str, mine: bool) -> Line:
    chosen = next((one for one in task.outcomes if one["key"] == outcome), None)
    if not mine:
        why = _("It does not wait for you (any more).")
    elif chosen is None:
        offered = ", ".join(flow_words.titled(one) for one in task.outcomes)
        why = _("It has other outcomes: %(outcomes)s.") % {"outcomes": offered}
    elif not chosen.get("veto") and (wanted := forms.unanswered(task.form)):
        why = _("It needs an answer: %(fields)s. Open it, and fill in its form.")
        why %= {"fields": ", ".join(flow_words.titled(one) for one in wanted)}
    else:
        why = ""
    return _told(task, why_not=why)


def _told(task: HumanTask, *, why_not: str = "", said: str = "") -> Line:
    document = task.document
    return Line(
        task=task,
        title=flow_words.titled(task),
        about=document.title if document else "",
        version=document.newest.number if document and document.newest else None,
        workflow=flow_words.titled(task.instance.definition),
        why_not=why_not,
        said=said,
        filled=tuple(_filled(task)),
    )


def _filled(task: HumanTask) -> Iterator[tuple[str, str]]:
    """What its form holds, for people."""
    held = forms.defaults(task.form)
    return ((flow_words.titled(one), flow_words.value(held[one["name"]])) for one in task.form if one["name"] in held)


def _called(outcome: str, lines: Sequence[Line]) -> str:
    known = (line.task.outcomes for line in lines)
    outcomes: list[dict[str, Any]] = next((some for some in known if any(o["key"] == outcome for o in some)), [])
    return flow_words.outcome(outcome, outcomes)


def _wants_comment(task: HumanTask, outcome: str) -> bool:
    return any(one["key"] == outcome and one.get("comment") == "required" for one in task.outcomes)


def _tasks(request: HttpRequest, chosen: Sequence[UUID]) -> list[HumanTask]:
    """Those that are seen, in the order in which they are due."""
    seen = inbox.with_relations(HumanTask.objects.visible_to(rights(request))).filter(pk__in=chosen)
    return list(seen.order_by(*deciding.ORDER))


def _versions(request: HttpRequest) -> dict[UUID, int]:
    """Which version of its document each task showed."""
    pairs = (said.partition(":") for said in request.POST.getlist("version"))
    return {found[0]: int(number) for pk, _colon, number in pairs if number.isdecimal() and (found := ids([pk]))}


def ids(texts: Sequence[str]) -> list[UUID]:
    """The ids among these texts, each once."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
