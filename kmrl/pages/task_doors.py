"""The deeds of the review screen: decide, take, release, hand on, comment, confirm. Parse, call, answer."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.refusals import NotFound, Refusal
from kmrl.pages import answering, flow_words, frame, reviewing
from workflows import acknowledging, approvals, inbox
from workflows.models import HumanTask
from workflows.tasks.refusals import Unable
from workflows.tasks.standing import name_of

Door = Callable[[HttpRequest, UUID], HttpResponse]
FORM = "form."


def _door(view: Door) -> Door:
    """Signed in, by POST; refusals are shown in place, with what to do instead."""

    @login_required
    @require_POST
    @wraps(view)
    def answered(request: HttpRequest, pk: UUID) -> HttpResponse:
        try:
            return view(request, pk)
        except NotFound as refusal:
            if answering.is_script(request):
                return answering.refused(request, refusal, to=reverse("tasks"))
            raise Http404 from refusal
        except Refusal as refusal:
            return _refused(request, pk, refusal)

    return answered


@_door
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One's decision; then on to the next task."""
    mine, said = frame.rights(request), request.POST
    task = approvals.complete(
        task_id=pk,
        outcome=said.get("outcome", ""),
        comment=said.get("comment", ""),
        form={name.removeprefix(FORM): value for name, value in said.items() if name.startswith(FORM)},
        by=frame.person(request),
        rights=mine,
        document_version=_number(said.get("document_version", "")),
    )
    outcome = flow_words.outcome(said.get("outcome", ""), task.outcomes)
    words = (
        _("Decided: {outcome}. “{title}”") if not task.is_undecided else _("Your voice counts: {outcome}. “{title}”")
    )
    after = inbox.next_after(task, mine)
    return answering.done(
        request,
        words.format(outcome=outcome, title=task.document.title if task.document else flow_words.titled(task)),
        to=_address(after) if after else reverse("tasks"),
        back=_address(task),
    )


@_door
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes the task, also out of a colleague's hands where the head says so."""
    over = request.POST.get("take_over") == "1"
    approvals.claim(task_id=pk, by=frame.person(request), rights=frame.rights(request), take_over=over)
    return answering.done(request, _("You have taken this task."), to=_here(pk))


@_door
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    approvals.release(task_id=pk, by=frame.person(request), rights=frame.rights(request))
    return answering.done(request, _("Whoever may decide this task may take it now."), to=_here(pk))


@_door
def hand_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delegates one's own voice, or (`how=reassign`, the head) gives the task to somebody."""
    mine, person, comment = frame.rights(request), frame.person(request), request.POST.get("comment", "")
    to = User.objects.filter(username=request.POST.get("to", "")).first()
    if to is None:
        raise Unable(_("Choose somebody."))
    if request.POST.get("how") == "reassign":
        approvals.reassign(task_id=pk, to=to, by=person, rights=mine, comment=comment)
    else:
        approvals.delegate(task_id=pk, to=to, by=person, rights=mine, comment=comment)
    said = _("{name} has it now, and has been told.").format(name=name_of(to))
    task = reviewing.found(pk, mine)
    after = inbox.next_after(task, mine) if task else None
    return answering.done(request, said, to=_address(after) if after else reverse("tasks"), back=_here(pk))


@_door
def comment(request: HttpRequest, pk: UUID) -> HttpResponse:
    approvals.comment(
        task_id=pk, text=request.POST.get("text", ""), by=frame.person(request), rights=frame.rights(request)
    )
    return answering.done(request, _("Your comment stands beside the task."), to=_here(pk))


@_door
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One has read and understood it."""
    mine = frame.rights(request)
    version = _number(request.POST.get("document_version", ""))
    acknowledging.acknowledge(task_id=pk, by=frame.person(request), rights=mine, document_version=version)
    left = acknowledging.awaiting(mine).first()
    to = _here(left.task_id) if left else reverse("tasks")
    return answering.done(request, _("Noted: you have read it."), to=to, back=_here(pk))


def _refused(request: HttpRequest, pk: UUID, refusal: Refusal) -> HttpResponse:
    """In place, with what was typed; 404 for who may not see the task any more."""
    mine = frame.rights(request)
    task: HumanTask | None = reviewing.found(pk, mine)
    if task is None:
        raise Http404 from refusal
    offer = reviewing.offer(task, refusal.code, mine)
    if answering.is_script(request):
        return answering.refused(request, refusal, to=_here(pk), offer=offer)
    said = {"detail": answering.in_words(refusal), "errors": answering.errors(refusal), "offer": offer}
    typed = {name: str(value) for name, value in request.POST.items()}
    return reviewing.page(request, task, said=typed, refused=said, status=refusal.status)


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else None


def _address(task: HumanTask) -> str:
    return _here(task.pk)


def _here(pk: UUID) -> str:
    return reverse("task", args=[pk])
