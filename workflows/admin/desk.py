"""What the pages of workflows in the administration share: who is at them, with which rights, and their frame."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from accounts.admin.desk import actor, is_auditor, runs_house
from accounts.models import Department, User
from accounts.rights import Rights, rights_of
from workflows import deciding

_words: list[Callable[[str], str]] = []


def speak_by(words: Callable[[str], str]) -> None:
    """How the core's sentences, which are English, are said in the language of the page."""
    _words[:] = [words]


def in_words(said: str) -> str:
    """A sentence of the core in the language of the page."""
    return _words[0](said) if _words else said


def place(department: Department | None) -> str:
    """A department in the language of the page; a dash for none."""
    return ((department.name_ml if malayalam() else "") or department.name) if department else "–"


def rights(request: HttpRequest) -> Rights:
    """The rights of who is at the desk, looked up once a request."""
    found: Rights | None = getattr(request, "_rights_at_desk", None)
    if found is None:
        found = rights_of(actor(request))
        request._rights_at_desk = found  # type: ignore[attr-defined]
    return found


def has_inbox(request: HttpRequest) -> bool:
    """Administrators, auditors (who look), and everybody for whom a task may wait."""
    if runs_house(request) or is_auditor(request):
        return True
    return isinstance(request.user, User) and deciding.may_decide_at_all(rights(request))


def own_page(name: str, object_id: str) -> HttpResponse:
    """Leads to the page of one task or run; 404 for what is no id."""
    try:
        return redirect(name, pk=UUID(object_id))
    except ValueError as error:
        raise Http404 from error


def malayalam() -> bool:
    return (get_language() or "").startswith("ml")


def page(
    request: HttpRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page in the administration's frame."""
    frame = {"title": title, "subtitle": None, "is_fullwidth": "1"}
    return render(request, template, {**admin.site.each_context(request), **frame, **context}, status=status)
