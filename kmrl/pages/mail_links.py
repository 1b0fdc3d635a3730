"""The page behind a one-time link in a mail: it shows on GET and decides on POST, signed in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refusal
from kmrl.pages import answering, flow_words, frame, reasons, reviewing, ways
from kmrl.pages.task_doors import FORM
from kmrl.pages.task_rows import TaskRow
from workflows import links
from workflows.models import HumanTask, TaskLink
from workflows.tasks import letters
from workflows.tasks.refusals import BadDecision

TITLES = {
    "link_of_another": "lock",
    "link_used": "done",
    "link_expired": "waiting",
    "superseded": "again",
    "already_decided": "done",
    "not_needed": "cancelled",
    "not_found": "search",
}
"""The sign that stands above each refusal."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows what is asked; a decision burns the link. Whatever it cannot do any more it says in its own words."""
    mine, person = frame.rights(request), frame.person(request)
    try:
        opened = links.open_(secret, by=person, rights=mine)
        if request.method != "POST":
            return _asked(request, opened.task, secret)
        return _decided(request, opened.task, secret)
    except Refusal as refusal:
        return _spent(request, secret, refusal)


def _decided(request: HttpRequest, task: HumanTask, secret: str) -> HttpResponse:
    said = request.POST
    form = {name.removeprefix(FORM): value for name, value in said.items() if name.startswith(FORM)}
    try:
        done = links.decide(
            secret,
            outcome=said.get("outcome", ""),
            comment=said.get("comment", ""),
            form=form,
            by=frame.person(request),
            rights=frame.rights(request),
        )
    except BadDecision as refusal:
        wrong = {"detail": answering.in_words(refusal), "errors": answering.errors(refusal)}
        return _asked(request, task, secret, said={k: str(v) for k, v in said.items()}, refused=wrong, status=400)
    outcome = flow_words.outcome(said.get("outcome", ""), done.outcomes)
    return answering.done(request, _("Decided: {outcome}.").format(outcome=outcome), to=reverse("task", args=[done.pk]))


def _asked(
    request: HttpRequest,
    task: HumanTask,
    secret: str,
    *,
    said: dict[str, str] | None = None,
    refused: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "task": task,
        "listed": TaskRow(task, frame.rights(request)),
        "title": flow_words.titled(task),
        "question": flow_words.question(task),
        "workflow": flow_words.titled(task.instance.definition),
        "reason": flow_words.reason(task.instance),
        "voices": ways.voices_of(task),
        "answers": reviewing.answers(task),
        "fields": reviewing.fields(task, said or {}, (refused or {}).get("errors") or {}),
        "comment": (said or {}).get("comment", ""),
        "refused": refused,
        "here": reverse("task-link", args=[secret]),
    }
    return frame.show(request, "tasks/link.html", context, status=status)


def _spent(request: HttpRequest, secret: str, refusal: Refusal) -> HttpResponse:
    """Why the link does not lead on, and where to go instead; the task's page only for who sees the task."""
    held = TaskLink.objects.filter(digest=letters.digest_of(secret), user_id=frame.person(request).pk).first()
    mine = frame.rights(request)
    task = HumanTask.objects.visible_to(mine).filter(pk=held.task_id).first() if held else None
    context = {
        "code": refusal.code,
        "sign": TITLES.get(refusal.code, "attention"),
        "heading": reasons.in_words(refusal.title),
        "said": answering.in_words(refusal),
        "task": task,
        "other": refusal.code == "link_of_another",
        "offer": reviewing.offer(task, refusal.code, mine) if task else None,
    }
    return frame.show(request, "tasks/link_spent.html", context, status=refusal.status)
