"""One run: where it stands, who and what it waits for, what went wrong, what was done; and control over it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import history
from accounts.admin.desk import actor
from accounts.models import HistoryEntry
from accounts.refusals import Refusal
from jobs.models import Job
from kmrl.desk import door, run_words
from kmrl.pages import awaited, drawn, due, flow_words, labels, others, reasons, run_history, ways
from kmrl.queue import finding, words
from workflows import awaiting, bodies, clock, control, deeds, dependencies, proving, service_orders
from workflows.admin.desk import page, rights
from workflows.definitions import steps
from workflows.drawing import Token, style
from workflows.engine.state import HANDLING, INCIDENT, INSIDE
from workflows.models import (
    ClockState,
    HumanTask,
    Incident,
    Instance,
    InstanceStatus,
    SlaClock,
    StepRun,
    TaskState,
    Timer,
    TimerState,
)
from workflows.tasks.standing import name_of

ENTRIES, ROWS = 200, 100
PARTS = "admin/workflows/run_parts.html"


@require_safe
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one run; `?live=` answers only the parts that change."""
    door.ask_to_read(request)
    found = Instance.objects.visible_to(rights(request)).filter(pk=pk)
    instance = ways.ready(found).select_related("parent__definition").first()
    if instance is None:
        raise Http404
    context = _told(request, instance)
    if request.GET.get("live"):
        return render(request, PARTS, context)
    title = instance.document.title if instance.document else flow_words.titled(instance.definition)
    return page(request, "admin/workflows/run.html", title, context)


@require_POST
def do(request: HttpRequest, pk: UUID, deed: str) -> HttpResponse:
    """Pause, resume, cancel; try again or skip what failed; wait for others or not. The core asks who may."""
    door.ask_to_change(request)
    asked = request.POST
    common: dict[str, Any] = {
        "instance_id": pk,
        "by": actor(request),
        "rights": rights(request),
        "why": asked.get("why", ""),
    }
    token = int(asked["token"]) if asked.get("token", "").isdecimal() else None
    outcome = asked.get("outcome", "").strip() or "skipped"
    known: dict[str, tuple[Callable[[], object], str]] = {
        "pause": (lambda: control.pause(**common), _("Paused: nothing moves, and its clocks stand still.")),
        "resume": (lambda: control.resume(**common), _("It goes on.")),
        "cancel": (lambda: control.cancel(**common), _("Cancelled: its tasks are closed, its work is stopped.")),
        "retry": (lambda: control.retry(token=token, **common), _("It is tried again.")),
        "skip": (lambda: control.skip(token=token, outcome=outcome, **common), _("It goes on past what failed.")),
        "wait": (lambda: _wait(asked.get("other", ""), common), _("It waits for that: no new step begins before.")),
        "stop-waiting": (
            lambda: control.stop_waiting(dependency=token or 0, **common),
            _("It does not wait for that any more."),
        ),
    }
    if deed not in known:
        raise Http404
    work, said = known[deed]
    try:
        work()
    except Refusal as refusal:
        messages.warning(request, reasons.in_words(refusal.detail))
    else:
        messages.success(request, said)
    return redirect("desk:run", pk=pk)


def _wait(said: str, common: dict[str, Any]) -> Instance:
    kind, other = awaited.meant(said, common["rights"])
    return control.wait_for(kind=kind, other=other, **common)


def _told(request: HttpRequest, instance: Instance) -> dict[str, Any]:
    held, pk = rights(request), instance.pk
    body = bodies.of(instance.version_id).data
    known = steps.by_id(body)
    tasks = list(_tasks(instance, held))
    jobs = Job.objects.filter(subject_kind=service_orders.SUBJECT, subject_id=str(pk)).select_related("owner")
    return {
        "run": instance,
        "called": flow_words.titled(instance.definition),
        "status_said": flow_words.status(instance),
        "icon": flow_words.ICONS[InstanceStatus(instance.status)],
        "tone": flow_words.TONES[InstanceStatus(instance.status)],
        "outcome": flow_words.outcome(instance.outcome) if instance.outcome else "",
        "reason": flow_words.reason(instance),
        "due": due.between(instance.started_at, instance.due_at, breached=instance.breached)
        if instance.due_at
        else None,
        "drawn": drawn.of(body, tokens=_tokens(instance, tasks)),
        "flow_css": style.PAGES,
        "tokens": [_token(number, token, known) for number, token in _standing(instance)],
        "tasks": [_asked(task) for task in tasks],
        "incidents": [
            (
                one,
                flow_words.step_title(known.get(one.step), one.step),
                reasons.in_words(one.detail),
                run_words.resolution(one),
            )
            for one in Incident.objects.filter(instance=pk)
            .select_related("resolved_by")
            .order_by("resolved_at", "-pk")[:ROWS]
        ],
        "timers": [(one, run_words.timer(one)) for one in _timers(instance)],
        "clocks": [_clock(one, known) for one in _clocks(instance)],
        "jobs": finding.rows_of(jobs.order_by("-pk")[:ROWS]),
        "subflows": [
            (one, flow_words.status(one))
            for one in Instance.objects.filter(parent=pk).select_related("definition").order_by("-pk")[:ROWS]
        ],
        "variables": _shown(instance.state.get("vars")),
        "results": _shown(instance.state.get("steps")),
        "entries": [_entry(one, known) for one in _history(instance)],
        "entry_count": history.of(deeds.SUBJECT, pk).count(),
        "broken": _broken(instance),
        "may": control.may_control(instance, held),
        "awaited": awaited.lines(instance, held),
        "waits": instance.is_alive and not dependencies.met(instance),
        "waited_by": awaiting.by_others(instance, held),
        "found": others.find(instance, request.GET.get("find", ""), held) if instance.is_alive else None,
        "finding": "find" in request.GET,
        "topics": " ".join([f"workflow:{pk}", *(f"task:{task.pk}" for task in tasks if task.is_undecided)]),
        "passages": StepRun.objects.filter(instance=pk).count(),
    }


def _tasks(instance: Instance, held: Any) -> Any:
    found = HumanTask.objects.visible_to(held).filter(instance=instance.pk)
    return found.select_related("assignee", "completed_by", "department").order_by("-opened_at", "-pk")[:ROWS]


def _standing(instance: Instance) -> list[tuple[int, dict[str, Any]]]:
    tokens = instance.state.get("tokens") or {}
    return [(int(number), tokens[number]) for number in sorted(tokens, key=int)]


def _tokens(instance: Instance, tasks: list[HumanTask]) -> list[Token]:
    """Where it stands, with who has it and since when; and the steps that were left."""
    who = {task.token: _who(task) for task in tasks if task.is_undecided}
    paused = instance.status == InstanceStatus.PAUSED
    since = dict(StepRun.objects.filter(instance=instance.pk, left_at=None).values_list("token", "entered_at"))
    found: list[Token] = []
    for number, token in _standing(instance):
        if token["state"] == INSIDE:
            continue
        state = "incident" if token["state"] == INCIDENT else "paused" if paused else "waiting"
        state = "active" if token["state"] == HANDLING and state == "waiting" else state
        at = since.get(number)
        said = due.amount(clock.now() - at) if at is not None else ""
        found.append(Token(step=token["step"], state=state, who=who.get(number, ""), since=said))
    left = StepRun.objects.filter(instance=instance.pk, left_at__isnull=False).values_list("step", flat=True).distinct()
    return [*(Token(step=step, state="done") for step in left), *found]


def _asked(task: HumanTask) -> tuple[HumanTask, str, str, Any, str]:
    who = name_of(task.completed_by) if task.completed_by else _who(task)
    state = str(flow_words.TASKS[TaskState(task.state)])
    own = () if task.outcome in flow_words.OUTCOMES else task.outcomes  # “approved” rather than the button's “Approve”
    said = f"{state}: {flow_words.outcome(task.outcome, own)}" if task.outcome else state
    return task, flow_words.titled(task), said, due.of_task(task), who


def _who(task: HumanTask) -> str:
    if task.assignee is not None:
        return name_of(task.assignee)
    return labels.department(task.department) if task.department else ""


def _token(number: int, token: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "step": token["step"],
        "title": flow_words.step_title(known.get(token["step"]), token["step"]),
        "kind": flow_words.kind(token.get("kind", "")),
        "state": run_words.token(token["state"]),
        "round": token.get("round", 1),
    }


def _timers(instance: Instance) -> Any:
    return Timer.objects.filter(instance=instance.pk, state=TimerState.PENDING).order_by("due_at", "pk")[:ROWS]


def _clocks(instance: Instance) -> Any:
    return SlaClock.objects.filter(instance=instance.pk).select_related("calendar").order_by("pk")[:ROWS]


def _clock(clock: SlaClock, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "of": clock,
        "step": flow_words.step_title(known.get(clock.step), clock.step) if clock.step else "",
        "state": run_words.CLOCKS[ClockState(clock.state)],
        "target": due.length(str(clock.spec.get("target") or "")),
    }


def _history(instance: Instance) -> list[HistoryEntry]:
    found = history.of(deeds.SUBJECT, instance.pk).select_related("actor").order_by("-sequence")
    return list(found[:ENTRIES])


def _entry(entry: HistoryEntry, known: dict[str, Any]) -> dict[str, Any]:
    step = str(entry.after.get("step") or "")
    return {
        "entry": entry,
        "said": run_history.said(entry.action),
        "note": reasons.in_words(entry.note),
        "step": flow_words.step_title(known.get(step), step) if step else "",
        "who": (entry.actor.get_full_name() if entry.actor else "") or entry.actor_name,
        "after": _shown({name: held for name, held in entry.after.items() if name != "step"}),
    }


def _broken(instance: Instance) -> str:
    """What does not hold of its history, in a sentence: the chain of digests, then what the facts give."""
    at = history.first_break(deeds.SUBJECT, instance.pk)
    if at is not None:
        return _("Entry %(n)d is not what was written down then.") % {"n": at}
    found = proving.first_break(instance)
    return f"{found.sequence}: {reasons.in_words(found.why)}" if found else ""


def _shown(said: Any) -> str:
    return json.dumps(words.without_secrets(said), indent=2, ensure_ascii=False, default=str) if said else ""
