"""One task in the administration: the paper beside the question, and every deed by the core's function.

A decision leads to the next task that waits; what the core refuses is said above what was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.admin.desk import actor
from accounts.models import Membership, Role, User
from accounts.refusals import NotFound, Refusal
from accounts.rights import Rights
from documents import looking
from documents.models import Document
from kmrl.desk import door
from kmrl.pages import documents, due, explaining, flow_words, labels, reasons, ways
from kmrl.pages.rows import ready, row_of
from workflows import approvals, deciding, inbox, presentation
from workflows.admin.desk import page, rights
from workflows.models import HumanTask, TaskKind, TaskState
from workflows.tasks import forms
from workflows.tasks.standing import name_of

INBOX = "admin:workflows_humantask_changelist"
PEOPLE_SHOWN, PAGES_SHOWN = 300, 20
USUAL_KEYS = {"approved": "a", "rejected": "r", "returned": "e"}


@dataclass(frozen=True)
class Answer:
    """One outcome as a button; `key` is pressed for it."""

    value: str
    title: str
    key: str
    wants_comment: bool
    refuses: bool


@dataclass(frozen=True)
class Field:
    """One field of the form, with what was typed before, else with its default (`suggested`)."""

    name: str
    title: str
    type: str
    required: bool
    choices: list[tuple[str, str]]
    value: str
    wrong: str
    suggested: bool


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows the task; POST does the `deed` that it names."""
    door.ask(request)
    found = _found(pk, rights(request))
    if request.method != "POST":
        return _shown(request, found)
    deed = request.POST.get("deed", "")
    try:
        said, to = _done(request, found, deed)
    except NotFound as refusal:
        messages.warning(request, reasons.in_words(refusal.detail))
        return HttpResponseRedirect(reverse(INBOX))
    except Refusal as refusal:
        return _shown(request, _found(pk, rights(request)), refusal=refusal, typed=request.POST)
    messages.success(request, said)
    return HttpResponseRedirect(to)


def _done(request: HttpRequest, found: HumanTask, deed: str) -> tuple[str, str]:
    """What was done, in a sentence, and where one goes on."""
    asked = request.POST
    if deed == "decide":
        return _decide(request, found, asked)
    common: dict[str, Any] = {"task_id": found.pk, "by": actor(request), "rights": rights(request), "door": "admin"}
    here, back = reverse("desk:task", args=[found.pk]), reverse(INBOX)
    comment = asked.get("why", "")
    deeds: dict[str, tuple[Callable[[], object], str, str]] = {
        "claim": (lambda: approvals.claim(**common), _("You have taken it."), here),
        "take_over": (lambda: approvals.claim(take_over=True, **common), _("You have taken it over."), here),
        "release": (
            lambda: approvals.release(**common),
            _("It is free again: whoever may decide it may take it."),
            here,
        ),
        "delegate": (
            lambda: approvals.delegate(to=_person(asked), comment=comment, **common),
            _("Handed on: somebody else decides it for you."),
            back,
        ),
        "reassign": (
            lambda: approvals.reassign(to=_person(asked), comment=comment, **common),
            _("Given to somebody else."),
            here,
        ),
        "comment": (
            lambda: approvals.comment(text=asked.get("text", ""), **common),
            _("Your comment stands there."),
            here,
        ),
    }
    if deed not in deeds:
        raise Http404
    work, said, to = deeds[deed]
    work()
    return said, to


def _decide(request: HttpRequest, found: HumanTask, asked: QueryDict) -> tuple[str, str]:
    held = rights(request)
    further = inbox.next_after(found, held)
    form = {one["name"]: asked.get(f"form.{one['name']}", "") for one in found.form}
    looked_at = asked.get("version", "")
    outcome = asked.get("outcome", "")
    approvals.complete(
        task_id=found.pk,
        outcome=outcome,
        comment=asked.get("comment", ""),
        form=form,
        by=actor(request),
        rights=held,
        door="admin",
        document_version=int(looked_at) if looked_at.isdecimal() else None,
    )
    about = found.document.title if found.document else flow_words.titled(found)
    said = _("%(about)s: %(outcome)s.") % {"about": about, "outcome": flow_words.outcome(outcome, found.outcomes)}
    if further is None:
        return _("%(said)s Nothing else waits for you.") % {"said": said}, reverse(INBOX)
    return _("%(said)s This is the next.") % {"said": said}, reverse("desk:task", args=[further.pk])


def _person(asked: QueryDict) -> User:
    found = User.objects.filter(username=asked.get("to", "")).first()
    if found is None:
        raise Refusal(_("Choose a person."), errors={"to": [_("Choose a person.")]})
    return found


def _found(pk: UUID, held: Rights) -> HumanTask:
    related = ("document__newest", "instance__definition", "instance__version", "instance__started_by")
    tasks = HumanTask.objects.visible_to(held).select_related(*related, "department", "assignee", "completed_by")
    found = tasks.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _shown(
    request: HttpRequest, task: HumanTask, *, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    held, typed = rights(request), typed or {}
    said = presentation.task_as_json(task, held)
    wrong = (refusal.errors or {}) if refusal else {}
    context: dict[str, Any] = {
        "task": task,
        "can": said["can"],
        "why_not": _why_not(task, said),
        "question": flow_words.question(task) or flow_words.titled(task),
        "workflow": flow_words.titled(task.instance.definition),
        "due": due.of_task(task),
        "answers": _answers(task),
        "fields": [_field(one, typed, wrong) for one in task.form],
        "comment": typed.get("comment", ""),
        "refused": reasons.in_words(refusal.detail) if refusal else "",
        "voices": ways.voices_of(task),
        "people": _people(task, held) if said["can"]["delegate"] or said["can"]["reassign"] else [],
        "comments": not held.auditor and bool(held.departments or held.administrator),
        "looked_at": typed.get("version")
        or (task.document.newest.number if task.document and task.document.newest else ""),
        "is_decision": task.kind == TaskKind.HUMAN,
        "department": labels.department(task.department),
        "keeps_record": door.keeps_record(request),
    }
    context |= _paper(request, task, held)
    context["why"] = explaining.of(task, context.get("document"), held)
    status = refusal.status if refusal else 200
    return page(request, "admin/workflows/task.html", flow_words.titled(task), context, status=status)


def _paper(request: HttpRequest, task: HumanTask, held: Rights) -> dict[str, Any]:
    """The document's pages and facts. A look at a restricted one is recorded, here as everywhere."""
    if task.document_id is None:
        return {}
    document = ready(Document.objects.visible_to(held)).filter(pk=task.document_id).first()
    if document is None:
        return {}
    looking.note(document, by=actor(request), rights=held)
    shown = documents.shown(document, row_of(document, held), held)
    return {**shown, "sheets": shown["pages"][:PAGES_SHOWN], "more_pages": max(len(shown["pages"]) - PAGES_SHOWN, 0)}


def _answers(task: HumanTask) -> list[Answer]:
    taken = {one.get("shortcut") for one in task.outcomes}
    found = []
    for one in task.outcomes:
        usual = USUAL_KEYS.get(one["key"], "")
        key = one.get("shortcut") or (usual if usual not in taken else "")
        wants = one.get("comment") == "required"
        found.append(Answer(one["key"], flow_words.titled(one), str(key or ""), wants, bool(one.get("veto"))))
    return found


def _field(one: Mapping[str, Any], typed: Mapping[str, str], wrong: Mapping[str, list[str]]) -> Field:
    name = f"form.{one['name']}"
    choices = [
        (str(held["key"]), flow_words.titled(held)) if isinstance(held, Mapping) else (str(held), str(held))
        for held in one.get("choices") or []
    ]
    sentences = " ".join(reasons.in_words(said) for said in wrong.get(one["name"], []))
    kind, required = str(one.get("type") or "text"), bool(one.get("required"))
    value = typed.get(name, "") if typed else forms.prefilled(one)
    suggested = not typed and one.get("default") is not None
    return Field(name, flow_words.titled(one), kind, required, choices, value, sentences, suggested)


def _why_not(task: HumanTask, said: dict[str, Any]) -> str:
    """Why whoever looks has no answers to give."""
    if said["can"]["decide"]:
        return ""
    if task.completed_by is not None:
        outcome = flow_words.outcome(task.outcome, task.outcomes)
        return _("%(who)s decided it: %(outcome)s.") % {"who": name_of(task.completed_by), "outcome": outcome}
    if not task.is_undecided:
        return f"{flow_words.TASKS[TaskState(task.state)]}."
    if task.kind != TaskKind.HUMAN:
        return _("This is confirmed on the staff pages, by everybody who is named.")
    if said["why_not"]:
        return reasons.in_words(said["why_not"])
    return _("%(who)s has taken this task.") % {"who": name_of(task.assignee)} if task.assignee else ""


def _people(task: HumanTask, held: Rights) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who could be given it, by department, its own first; the core has the last word."""
    barred = set(task.exclusions.values_list("user_id", flat=True)) | {held.user_id}
    rows = Membership.objects.filter(role__in=deciding.DECIDING_ROLES, user__is_active=True, department__active=True)
    rows = rows.exclude(user_id__in=barred).select_related("user", "department")
    ordered = rows.order_by("department__name", "user__first_name", "user__username")[:PEOPLE_SHOWN]
    own = {task.department_id, task.instance.department_id}
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(ordered, key=lambda one: one.department_id not in own):
        role = f", {labels.role(row.role)}" if row.role == Role.HEAD else ""
        said = f"{name_of(row.user)}{role}"
        groups.setdefault(labels.department(row.department), []).append((row.user.get_username(), said))
    return list(groups.items())
