"""Starting a workflow by hand: on a document that is looked for, or on none."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.admin.desk import actor
from accounts.refusals import Refusal
from documents import titles
from documents.models import Document
from documents.visibility import DocumentQuerySet
from kmrl.desk import door, many
from kmrl.desk.writing import head_of, named
from kmrl.pages import flow_words, reasons
from workflows import by_hand
from workflows.admin.desk import page, rights

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, key: str) -> HttpResponse:
    """Documents by `?q=` (words of the title, an id, an address); POST starts the published version on `document`."""
    door.ask_to_change(request)
    definition = named(key)
    if request.method == "POST":
        chosen = many.ids([request.POST.get("document", "")])
        try:
            run = by_hand.start(
                key=key,
                document_id=chosen[0] if chosen else None,
                by=actor(request),
                rights=rights(request),
                note=request.POST.get("note", "").strip(),
            )
        except Refusal as refusal:
            messages.error(request, reasons.in_words(refusal.detail))
        else:
            messages.success(request, _("It runs."))
            return redirect("desk:run", pk=run.pk)
    question = request.GET.get("q", "").strip()
    found = _documents(request, question)[:SHOWN]
    context = {**head_of(definition, "start"), "q": question, "found": list(found)}
    return page(request, "admin/workflows/start.html", flow_words.titled(definition), context)


def _documents(request: HttpRequest, question: str) -> DocumentQuerySet:
    seen = Document.objects.visible_to(rights(request)).outside_bin().select_related("department", "newest")
    if (pk := _id_in(question)) is not None:
        return seen.filter(pk=pk)
    for of_title in titles.ids_by_words(question):
        seen = seen.filter(pk__in=of_title)
    return seen.order_by("-uploaded_at", "-pk")


def _id_in(question: str) -> UUID | None:
    """The id that somebody pasted, also within the address of a page."""
    found = many.ids(question.strip("/").split("/"))
    return found[-1] if found else None
