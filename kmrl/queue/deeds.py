"""What administrators do to jobs, queues and workers on the dashboard: each by the core's function, which records it.

All are POST. They answer with a sentence, on the page that the person came from; what does many asks first.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.admin.desk import actor
from accounts.refusals import IllegalMove, NotFound, Refusal
from accounts.rights import rights_of
from documents import failures
from jobs import control, unasked
from jobs.chores import Chore
from jobs.models import PRIORITIES, JobState
from kmrl.pages import wording
from kmrl.queue import views, words

MOST_DAYS = 3650


@require_POST
def to_job(request: HttpRequest, pk: UUID, deed: str) -> HttpResponse:
    """Stop it, have it done again, or move it to another priority."""
    views.ask(request)
    done = {
        "cancel": _("Stopped. What ran is ended within two seconds."),
        "retry": _("It waits again, with a fresh count of attempts."),
        "priority": _("Moved. It is the last of its owner's work there."),
    }
    if deed not in done:
        raise Http404
    return _answer(request, lambda: (_one(request, deed)(pk), done[deed])[1])


@require_POST
def to_chosen(request: HttpRequest) -> HttpResponse:
    """The same to all jobs that were chosen in the list."""
    views.ask(request)
    deed, done, refused = _one(request, request.POST.get("deed", "")), 0, list[str]()
    for pk in _chosen(request.POST.getlist("job")):
        try:
            deed(pk)
        except Refusal as refusal:
            refused.append(refusal.detail)
        else:
            done += 1
    if done:
        messages.success(request, ngettext("%d job: done.", "%d jobs: done.", done) % done)
    for said in dict.fromkeys(refused):
        n = refused.count(said)
        messages.warning(
            request, ngettext("%(n)d job not: %(why)s", "%(n)d jobs not: %(why)s", n) % {"n": n, "why": said}
        )
    if not done and not refused:
        messages.warning(request, _("Choose at least one job."))
    return _back(request)


@require_POST
def to_queue(request: HttpRequest, name: str, deed: str) -> HttpResponse:
    """Pause or resume it."""
    views.ask(request)
    by, word = actor(request), words.queue(name)
    if deed == "pause":
        said = _("The queue %s is paused: nothing more of it is begun; what runs is finished.") % word
        return _answer(request, lambda: (control.pause(queue=name, by=by), said)[1])
    if deed != "resume":
        raise Http404
    said = _("The queue %s goes on.") % word
    return _answer(request, lambda: (control.resume(queue=name, by=by), said)[1])


@require_POST
def drain(request: HttpRequest, pk: str) -> HttpResponse:
    """Let a worker finish what it runs, and begin nothing more."""
    views.ask(request)
    said = _("The worker finishes what it runs and begins nothing more. Start it again to have it back.")
    return _answer(request, lambda: (control.drain(worker_id=pk, by=actor(request)), said)[1])


@require_POST
def retry_dead(request: HttpRequest) -> HttpResponse:
    """Have all jobs that were given up for one cause (or for any) done again; asks first and says how many."""
    views.ask(request)
    code, kind = request.GET.get("code", ""), request.GET.get("kind", "")
    number = unasked.dead(error_code=code, kind=kind).count()
    if not number:
        messages.warning(request, _("There is no such job any more: nothing was changed."))
        return _back(request)
    if not _is_sure(request):
        asked = ngettext(
            "Have %d job that was given up done again?", "Have %d jobs that were given up done again?", number
        )
        why = words.advice(code)
        return _confirm(request, asked % number, f"{words.cause(code)}. {why}" if code else "", _("Do them again"))
    retry = partial(control.begin_retry_dead, by=actor(request), error_code=code, kind=kind)
    return _answer(request, lambda: _begun(retry(), "%d job waits again.", "%d jobs wait again."))


@require_POST
def read_again(request: HttpRequest) -> HttpResponse:
    """Have the documents that failed for one cause read again; asks first and says how many."""
    views.ask(request)
    code = request.GET.get("code", "")
    number = min(failures.of_cause(code).count(), failures.AT_ONCE)
    if code not in failures.WORTH_ANOTHER_TRY or not number:
        messages.warning(request, _("Reading them again would end the same way: nothing was changed."))
        return _back(request)
    if not _is_sure(request):
        asked = ngettext("Have %d document read again?", "Have %d documents read again?", number) % number
        return _confirm(request, asked, f"{wording.error(code)}. {wording.advice(code)}", _("Read them again"))
    by = actor(request)
    again = partial(failures.read_again, code=code, by=by, rights=rights_of(by))
    said = "%d document waits to be read again.", "%d documents wait to be read again."
    return _answer(request, lambda: _many(again(), *said))


@require_POST
def clean(request: HttpRequest) -> HttpResponse:
    """Remove ended jobs by state and age; asks first and says how many. Documents and the history stay."""
    views.ask(request)
    states = [state for state in request.POST.getlist("state") if state in JobState.values]
    days = request.POST.get("days", "")
    if not states or not days.isascii() or not days.isdecimal() or not 0 <= int(days) <= MOST_DAYS:
        messages.warning(request, _("Choose at least one state, and an age in days."))
        return _back(request)
    age = timedelta(days=int(days))
    if not _is_sure(request):
        try:
            number = unasked.finished(states=states, older_than=age).count()
        except Refusal as refusal:
            messages.warning(request, refusal.detail)
            return _back(request)
        asked = ngettext("Remove %d job that ended?", "Remove %d jobs that ended?", number) % number
        named = ", ".join(words.state(state) for state in states)
        said = _("%(states)s, ended more than %(days)s days ago.") % {"states": named, "days": days}
        kept = _("Documents, their text and the history stay; so do the figures of the charts.")
        return _confirm(request, asked, f"{said} {kept}", _("Remove them"))
    remove = partial(control.begin_clean_finished, by=actor(request), states=states, older_than=age)
    return _answer(request, lambda: _begun(remove(), "%d job removed.", "%d jobs removed."))


def _one(request: HttpRequest, deed: str) -> Callable[[UUID], object]:
    by = actor(request)
    if deed == "cancel":
        return lambda pk: control.cancel(job_id=pk, by=by)
    if deed == "retry":
        return lambda pk: control.retry(job_id=pk, by=by)
    wanted = PRIORITIES.get(request.POST.get("priority", ""))
    if deed != "priority" or wanted is None:
        return _unknown
    return lambda pk: control.set_priority(job_id=pk, priority=wanted, by=by)


def _unknown(pk: UUID) -> object:
    raise IllegalMove(_("Choose what is to be done."))


def _chosen(ids: Iterable[str]) -> list[UUID]:
    found = []
    for text in ids:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _answer(request: HttpRequest, work: Callable[[], str]) -> HttpResponse:
    """Do it, and say how it went."""
    try:
        messages.success(request, work())
    except NotFound as refusal:
        messages.warning(request, refusal.detail)
        return redirect("queue:dashboard")
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
    return _back(request)


def _many(number: int, one: str, many: str) -> str:
    return ngettext(one, many, number) % number


def _begun(chore: Chore, one: str, many: str) -> str:
    """What was done, or that a worker is at it."""
    if chore.job is None:
        return _many(chore.count, one, many)
    said = _("These are %(count)s jobs: a worker does it now. Look for the kind %(kind)s to see how far it is.")
    return said % {"count": f"{chore.count:,}", "kind": chore.job.kind}


def _is_sure(request: HttpRequest) -> bool:
    return request.POST.get("sure") == "1"


def _confirm(request: HttpRequest, asked: str, said: str, button: str) -> HttpResponse:
    """The same form again, with the question on top."""
    kept = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    hidden = [(name, value) for name, value in kept if name not in ("csrfmiddlewaretoken", "sure")]
    context = {"asked": asked, "said": said, "button": button, "hidden": hidden, "back": _came_from(request)}
    return views.page(request, "admin/queue/sure.html", _("Are you sure?"), context)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(_came_from(request))


def _came_from(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, None) else reverse("queue:dashboard")
