"""The documents list, the bin, and one document."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import keyset
from accounts.models import Department
from accounts.refusals import Refusal
from accounts.rest.pagination import counted
from accounts.rights import Action, Rights
from documents import looking
from documents.models import Document, Page, Version
from documents.visibility import DocumentQuerySet
from kmrl.pages import filters, frame, labels, past, routes, saved, ways
from kmrl.pages.rows import Row, is_pictured, ready, row_of, rows_of
from realtime import audiences
from realtime.notices import following
from workflows import by_hand

ROWS = 50
TEXT_PAGES = 200  # of a document without pictures, whose text is the page


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All that this person may see, newest first."""
    return _list(request, in_bin=False)


@login_required
@require_safe
def bin(request: HttpRequest) -> HttpResponse:
    """What was put into the bin, newest first."""
    return _list(request, in_bin=True)


@login_required
@require_safe
def some(request: HttpRequest) -> HttpResponse:
    """The rows of `?ids=` that still belong to the list of this address: what live changes ask for."""
    try:
        ids = [UUID(text) for text in request.GET.get("ids", "").split(",")[:ROWS] if text]
    except ValueError as error:
        raise Http404 from error
    mine = frame.rights(request)
    column, documents = _of(request, in_bin=bool(request.GET.get("bin")))
    found = ready(documents.filter(pk__in=ids)).order_by(f"-{column}", "-id")
    answer = render(request, "documents/rows.html", {"rows": rows_of(found, mine)})
    answer["X-Tally"] = quote(_tally(documents))
    return answer


@login_required
@require_safe
def one(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One document: its pages, what is known of it, what is being done with it and what was."""
    mine = frame.rights(request)
    document = ready(Document.objects.visible_to(mine)).filter(pk=pk).first()
    if document is None:
        raise Http404
    looking.note(document, by=frame.person(request), rights=mine)
    row = row_of(document, mine)
    versions = document.versions.select_related("uploaded_by").order_by("-number")
    return frame.show(
        request,
        "documents/one.html",
        {
            **shown(document, row, mine),
            "versions": versions,
            "history": past.of_document(document),
            "ways": ways.of_document(document, mine),
            "routes": routes.of_document(document),
            "startable": by_hand.startable(document) if _may_start(document, mine) else [],
            "follows": following.follows(audiences.document(document.pk), rights=mine),
        },
    )


def shown(document: Document, row: Row, mine: Rights) -> dict[str, Any]:
    """What the parts viewer, facts and text speak of: the pages of what can be read, and who may correct it."""
    readable = document.readable
    pictures = readable is not None and is_pictured(readable)
    pages = _pages(readable, with_text=not pictures)
    return {
        "document": document,
        "row": row,
        "newest": document.newest,
        "readable": readable,
        "older": readable is not None and document.newest is not None and readable.pk != document.newest.pk,
        "pages": pages,
        "pictures": pictures,
        "first_text": Page.objects.filter(version=readable, number=1).values_list("text", flat=True).first() or "",
        "language": "ml" if document.language == "ml" else "en",
        "stamp": f"{readable.pk if readable else 0}-{len(pages)}-{document.status if not pages else ''}",
        "may": {
            "correct": row.may_do(Action.CORRECT),
            "control": row.may_do(Action.CONTROL),
            "upload": row.may_do(Action.UPLOAD),
        },
        "departments": _departments(document, frame.uploads_to(mine) or []),
        "types": list(labels.TYPES.items()),
        "api": f"/api/v1/documents/{document.pk}/",
    }


def _may_start(document: Document, mine: Rights) -> bool:
    return document.binned_at is None and by_hand.may_start(document, mine)


def _list(request: HttpRequest, *, in_bin: bool) -> HttpResponse:
    mine = frame.rights(request)
    column, documents = _of(request, in_bin=in_bin)
    shown, after = _page(ready(documents), request.GET.get("after", ""), column)
    more = filters.address(request, after=after) if after else ""
    context: dict[str, Any] = {"rows": rows_of(shown, mine), "more": more}
    if request.headers.get("X-Rows"):  # "Load more" asks for the rows alone
        answer = render(request, "documents/rows.html", context)
        answer["X-More"] = more
        answer["Vary"] = "X-Rows"
        return answer
    context |= {
        "heading": _("Bin") if in_bin else _("Documents"),
        "in_bin": in_bin,
        "days": settings.BIN_DAYS,
        "filters": filters.chips(request, mine),
        "filtered": filters.canonical(request.GET),
        "saved": [] if in_bin else saved.shown(request),
        "tally": _tally(documents),
        "rows_address": filters.address(request, path=reverse("rows"), bin="1" if in_bin else None),
    }
    return frame.show(request, "documents/list.html", context)


def _page(documents: DocumentQuerySet, after: str, column: str) -> tuple[list[Document], str]:
    """A page of rows, newest first, from behind the place that `after` names; and the place behind them, if any is."""
    columns = keyset.columns_of(documents, [f"-{column}", "-id"])
    ordered = documents.order_by(*(each.ordering for each in columns))
    if after:
        try:
            ordered = ordered.filter(keyset.beyond(columns, keyset.read(columns, after)))
        except Refusal as refusal:
            raise Http404 from refusal
    found = list(ordered[: ROWS + 1])
    shown = found[:ROWS]
    if len(found) == len(shown):
        return shown, ""
    return shown, keyset.write(columns, keyset.Place([each.value_in(shown[-1]) for each in columns], backward=False))


def _of(request: HttpRequest, *, in_bin: bool) -> tuple[str, DocumentQuerySet]:
    """The column that the list goes by, and the documents of this address."""
    mine = frame.rights(request)
    seen = Document.objects.visible_to(mine)
    seen = seen.in_bin() if in_bin else seen.outside_bin()
    return "binned_at" if in_bin else "uploaded_at", filters.narrow(seen, request.GET, mine)


def _tally(documents: DocumentQuerySet) -> str:
    count, estimated = counted(documents)
    if estimated:
        return _("about {:,} documents").format(count)
    return ngettext("{:,} document", "{:,} documents", count).format(count)


def _pages(version: Version | None, *, with_text: bool) -> list[Page]:
    if version is None:
        return []
    pages = version.pages.order_by("number")
    return list(pages[:TEXT_PAGES] if with_text else pages.only("id", "number", "version_id"))


def _departments(document: Document, own: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where it may be moved: this person's departments, and where it is."""
    here: Department | None = document.department
    if here is None or any(key == here.key for key, _name in own):
        return own
    return [(here.key, labels.department(here)), *own]
