"""The search results page."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.refusals import Refusal
from documents import looking, marking, pages, searching
from documents.models import Document
from kmrl.pages import filters, frame

HITS = 20


@dataclass(frozen=True)
class Shown:
    """A page that was found. `snippet` is escaped by the search, with <mark> around the words."""

    document: Document
    page: int
    snippet: SafeString


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Pages that hold the words, best first, with the words marked."""
    mine = frame.rights(request)
    question = request.GET.get("q", "").strip()[: searching.LONGEST]
    start = _number(request.GET.get("from", ""))
    seen = Document.objects.visible_to(mine).outside_bin()
    found = searching.search(filters.narrow(seen, request.GET, mine), question, start=start, limit=HITS)
    documents = seen.select_related("department").in_bulk([hit.document for hit in found.hits])
    looking.note_all(documents.values(), by=frame.person(request), rights=mine)  # a snippet shows what it says
    further = start + HITS
    context = {
        "query": question,
        "hits": [
            Shown(documents[hit.document], hit.page, mark_safe(hit.snippet))  # noqa: S308 - escaped by the search
            for hit in found.hits
            if hit.document in documents
        ],
        "tally": _tally(found),
        "filters": filters.chips(request, mine, counts=found.facets) if question else [],
        "filtered": filters.is_narrowed(request.GET),
        "more": filters.address(request, **{"from": str(further)}) if found.count > further else "",
        "cleared": filters.address_of(request.path, {"q": question}),
    }
    return frame.show(request, "documents/search.html", context)


@login_required
@require_safe
def hits(request: HttpRequest, pk: UUID) -> JsonResponse:
    """The words of page `?page=` that answer `?q=`, as they stand there: what the document's page marks."""
    mine = frame.rights(request)
    document = Document.objects.visible_to(mine).select_related("readable").filter(pk=pk).first()
    if document is None:
        raise Http404
    looking.note(document, by=frame.person(request), rights=mine)
    try:
        page = pages.page(pages.readable(document), _number(request.GET.get("page", "")))
    except Refusal as refusal:
        raise Http404 from refusal
    return JsonResponse({"words": marking.words_that_answer(page.text, request.GET.get("q", ""))})


def _tally(found: searching.Found) -> str:
    if found.at_least:
        return _("the best of {:,} pages and more").format(found.count)
    return ngettext("{:,} page", "{:,} pages", found.count).format(found.count)


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0
