"""Writing a definition: the text with what is wrong in it, its drawing, the draft, and its publication.

`check` answers while somebody writes. Everything that is kept goes through `workflows.definitions.publishing`.
"""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.admin.desk import actor, runs_house
from accounts.refusals import Refusal
from kmrl.desk import door
from kmrl.pages import drawn, flow_words, reasons
from workflows.admin.desk import page
from workflows.definitions import checking, comparing, exchange, publishing
from workflows.definitions.comparing import Change
from workflows.definitions.problems import ERROR, Problem
from workflows.drawing import style
from workflows.models import ALIVE, Definition, Instance

MOST = 200_000
BEGINNING = """\
key: my-workflow
title: My workflow
title_ml: എന്റെ പ്രവൃത്തിക്രമം
category: standard
description: What it is for, for people.
triggers:
  - {on: manual, reason: Started by hand.}
steps:
  - id: look
    kind: human
    title: Look at it
    title_ml: നോക്കുക
    question: Is it complete and right?
    question_ml: ഇത് പൂർണ്ണവും ശരിയുമാണോ?
    candidates:
      - {department: {expr: document.department}, role: reviewer}
    due: 2 working days
"""


@require_safe
def one(request: HttpRequest, key: str) -> HttpResponse:
    """The editor; auditors read the published text."""
    door.ask_to_read(request)
    definition = named(key)
    return _editor(request, definition, source=_source(request, definition))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new definition: from a text to begin with, or (POST) from a file. Nothing is kept before it is saved."""
    door.ask_to_change(request)
    if request.method != "POST":
        return _editor(request, None, source=BEGINNING)
    text = _of_file(request)
    if text is None:
        return redirect("desk:new-definition")
    try:
        key = publishing.key_of(text)
    except Refusal:
        key = ""
    return _editor(request, Definition.objects.filter(key=key).first(), source=text, imported=True)


@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """What is wrong with the text, and its drawing when nothing is; asked for while somebody writes."""
    door.ask_to_change(request)
    return JsonResponse(_checked(request.POST.get("source", "")[: MOST + 1]))


@require_POST
def save(request: HttpRequest, key: str = "") -> HttpResponse:
    """Keep the text as the draft, with errors or without."""
    door.ask_to_change(request)
    source = _text(request)
    try:
        definition = publishing.save_draft(source=source, by=actor(request), key=key or None)
    except Refusal as refusal:
        messages.error(request, reasons.in_words(refusal.detail))
        return _editor(request, Definition.objects.filter(key=key).first(), source=source, status=refusal.status)
    messages.success(request, _("The draft is kept. What runs has not changed."))
    return redirect("desk:definition", key=definition.key)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, key: str) -> HttpResponse:
    """Shows what the draft would change, and for how many runs it would not; with `sure`, makes it the next version."""
    door.ask_to_change(request)
    definition = named(key)
    source = _text(request) if "source" in request.POST else definition.draft
    if request.POST.get("sure") == "1":
        try:
            version = publishing.publish(
                key=key, source=source, by=actor(request), note=request.POST.get("note", "").strip()
            )
        except Refusal as refusal:
            messages.error(request, reasons.in_words(refusal.detail))
            return _editor(request, definition, source=source, status=refusal.status)
        messages.success(request, _("Version %(n)d is published: new runs follow it.") % {"n": version.number})
        return redirect("desk:definition", key=key)
    return _sure(request, definition, source)


@require_POST
def activate(request: HttpRequest, key: str) -> HttpResponse:
    """Look at its triggers again, or do not any more; what runs goes on."""
    door.ask_to_change(request)
    named(key)
    active = request.POST.get("active") == "1"
    publishing.set_active(key=key, active=active, by=actor(request))
    said = (
        _("It is active: its triggers are looked at.") if active else _("It is retired: nothing starts by it any more.")
    )
    messages.success(request, said)
    return redirect("desk:definition", key=key)


def named(key: str) -> Definition:
    """The definition, or 404."""
    found = Definition.objects.select_related("published", "draft_by").filter(key=key).first()
    if found is None:
        raise Http404
    return found


def head_of(definition: Definition | None, here: str) -> dict[str, Any]:
    """What every page of a definition has above: its names, its standing, and the ways to its other pages."""
    if definition is None:
        return {"definition": None, "here": here, "flow_css": style.PAGES}
    alive = Instance.objects.filter(definition=definition, status__in=ALIVE)
    return {
        "definition": definition,
        "called": flow_words.titled(definition),
        "number": definition.published.number if definition.published else None,
        "alive": alive.count(),
        "elsewhere": alive.exclude(version=definition.published_id).count(),
        "here": here,
        "flow_css": style.PAGES,
    }


def _editor(
    request: HttpRequest, definition: Definition | None, *, source: str, imported: bool = False, status: int = 200
) -> HttpResponse:
    checked = _checked(source)
    title = flow_words.titled(definition) if definition else _("New workflow")
    context = {
        **head_of(definition, "write"),
        "source": source,
        "checked": checked,
        "imported": imported,
        "writes": runs_house(request),
        "is_kept": definition is not None and source == definition.draft,
        "lines": range(1, source.count("\n") + 2),
    }
    return page(request, "admin/workflows/editor.html", title, context, status=status)


def _sure(request: HttpRequest, definition: Definition, source: str) -> HttpResponse:
    problems = publishing.problems_of(source)
    wrong = [one for one in problems if one.level == ERROR]
    body = checking.check(source).body
    if wrong or body is None:
        said = ngettext("It has %d error: mend it first.", "It has %d errors: mend them first.", len(wrong)) % len(
            wrong
        )
        messages.error(request, said)
        return _editor(request, definition, source=source, status=422)
    if body["key"] != definition.key:
        messages.error(request, _("The text has another key: a key never changes."))
        return _editor(request, definition, source=source, status=422)
    old = definition.published.body if definition.published else None
    changes: list[Change] = comparing.compare(old, body) if old else []
    context = {
        **head_of(definition, "publish"),
        "source": source,
        "changes": changes,
        "unchanged": publishing.says_nothing_new(definition, body),
        "is_first": old is None,
        "warnings": [_in_words(one) for one in problems if one.level != ERROR],
        "next": definition.versions.count() + 1,
    }
    heading = _("Publish %(title)s?") % {"title": flow_words.titled(definition)}
    return page(request, "admin/workflows/publish.html", heading, context)


def _checked(source: str) -> dict[str, Any]:
    problems = publishing.problems_of(source)
    wrong = sum(one.level == ERROR for one in problems)
    body = checking.check(source).body if not wrong else None
    shown = drawn.of(body) if body is not None else None
    return {
        "problems": [_in_words(one) for one in problems],
        "errors": wrong,
        "said": _said(wrong, len(problems) - wrong),
        "picture": shown.picture if shown else "",
        "steps": shown.steps if shown else "",
    }


def _in_words(problem: Problem) -> dict[str, Any]:
    """The problem in the language of the page; `lang` is that of its words where they are in none but English."""
    message, advice = reasons.of_checker(problem.message), reasons.of_checker(problem.advice)
    return {**asdict(problem), "message": message, "advice": advice, "lang": "en" if message == problem.message else ""}


def _said(errors: int, warnings: int) -> str:
    """The state of the text in a sentence."""
    if errors:
        return ngettext("%d error: it cannot be published.", "%d errors: it cannot be published.", errors) % errors
    if warnings:
        said = ngettext(
            "%d warning: look at it; it can be published.", "%d warnings: look at them; it can be published.", warnings
        )
        return said % warnings
    return _("Nothing is wrong: it can be published.")


def _source(request: HttpRequest, definition: Definition) -> str:
    published = definition.published
    if not runs_house(request):
        return exchange.as_yaml(published.source) if published else ""
    return definition.draft or (exchange.as_yaml(published.source) if published else "")


def _text(request: HttpRequest) -> str:
    """Forms send their lines with CR and LF."""
    return request.POST.get("source", "").replace("\r\n", "\n")


def _of_file(request: HttpRequest) -> str | None:
    """The text of the file that was sent; None, with a message, for what is none."""
    file = request.FILES.get("file")
    if file is None:
        messages.warning(request, _("Choose a file: YAML or JSON."))
        return None
    if (file.size or 0) > MOST:
        messages.warning(request, _("This file is longer than a definition may be."))
        return None
    try:
        return exchange.as_yaml(file.read().decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        messages.warning(request, _("This is no text in UTF-8. Choose a file of YAML or JSON."))
        return None
