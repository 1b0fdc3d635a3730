"""Saved views: filters of the documents list that a person keeps under a name."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.refusals import Refusal
from documents import saved_views
from kmrl.pages import filters, frame


@dataclass(frozen=True)
class Shown:
    """A view as the list offers it; `here` is the one whose filters are on."""

    pk: int
    name: str
    address: str
    here: bool


def shown(request: HttpRequest) -> list[Shown]:
    """This person's views, by name."""
    now, path = filters.canonical(request.GET), reverse("documents")
    return [
        Shown(view.pk, view.name, f"{path}?{view.query}", here=view.query == now)
        for view in saved_views.of(frame.person(request))
    ]


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keeps the filters of `query` under `name`, and shows them."""
    query = filters.canonical(QueryDict(request.POST.get("query", "")[:2000]))
    try:
        saved_views.keep(name=request.POST.get("name", ""), query=query, by=frame.person(request))
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
    return HttpResponseRedirect(f"{reverse('documents')}?{query}" if query else reverse("documents"))


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Removes one of his own; the list stays as it is."""
    saved_views.remove(pk=pk, by=frame.person(request))
    query = filters.canonical(QueryDict(request.POST.get("query", "")[:2000]))
    return HttpResponseRedirect(f"{reverse('documents')}?{query}" if query else reverse("documents"))
