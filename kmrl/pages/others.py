"""What a run could wait for, found by what somebody writes: words of a title, a workflow, a reference, an id."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.rights import Rights
from documents.models import Document, Status
from documents.models.document import IN_WORK
from kmrl.pages import awaited, flow_words, frame, ways, wording
from workflows import control
from workflows.models import ALIVE, Dependency, Instance

MOST, LONGEST, WORDS = 20, 100, 6
UNREAD = (*IN_WORK, Status.FAILED)
_START = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{0,4}){0,6}", re.IGNORECASE)


@dataclass(frozen=True)
class Other:
    """One that it could wait for; `icon` of `static/icons.svg`."""

    pk: UUID
    kind: str
    icon: str
    title: str
    said: str


@dataclass(frozen=True)
class Found:
    """What was found, runs first; `more` when there is more than is shown."""

    asked: str
    others: list[Other]
    more: bool

    @property
    def tally(self) -> str:
        """How many, for who sees and who hears it."""
        if self.more:
            return _("The newest %d; write more to see fewer.") % len(self.others)
        number = len(self.others)
        return ngettext("%d found", "%d found", number) % number if number else ""


def find(instance: Instance, asked: str, rights: Rights) -> Found:
    """Living runs and unread documents that these rights show and this run does not wait for, newest first.

    Every word has to be in the title, the workflow's name or key, or be a reference, or the beginning of an id. With no
    word the newest runs.
    """
    asked = asked.strip()[:LONGEST]
    words = [awaited.id_in(asked)] if awaited.id_in(asked) else asked.split()[:WORDS]
    waits = list(Dependency.objects.filter(instance=instance, met_at=None).values_list("key", flat=True))
    runs = Instance.objects.visible_to(rights).filter(_all_of(words, _of_run), status__in=ALIVE)
    runs = runs.exclude(pk__in=[instance.pk, *waits]).select_related("definition", "document").defer("state")
    found = [_run(one) for one in runs.order_by("-started_at", "-id")[: MOST + 1]]
    if words and len(found) <= MOST:
        papers = Document.objects.visible_to(rights).outside_bin().filter(_all_of(words, _of_paper), status__in=UNREAD)
        papers = papers.exclude(pk__in=waits).order_by("-uploaded_at", "-id")
        found += [_paper(one) for one in papers[: MOST + 1 - len(found)]]
    return Found(asked, found[:MOST], len(found) > MOST)


@login_required
@require_safe
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """`?find=`: what this run could wait for, as the part of its page that shows it; for scripts, while one writes."""
    mine = frame.rights(request)
    instance = Instance.objects.visible_to(mine).filter(pk=pk).first()
    if instance is None or not (control.may_control(instance, mine) and instance.is_alive):
        raise Http404
    return render(request, "workflows/others.html", {"found": find(instance, request.GET.get("find", ""), mine)})


def _all_of(words: list[str], of: Callable[[str], Q]) -> Q:
    return reduce(and_, map(of, words), Q())


def _of_run(word: str) -> Q:
    called = Q(definition__title__icontains=word) | Q(definition__title_ml__icontains=word)
    return called | Q(definition__key__icontains=word) | _of_title("document__", word) | _of_id(word)


def _of_paper(word: str) -> Q:
    return _of_title("", word) | _of_id(word)


def _of_title(at: str, word: str) -> Q:
    """A word of the title; a reference as it was given, or whole as it was read."""
    read = Q(**{f"{at}readable__facts__references__contains": [{"value": word.upper()}]})
    return Q(**{f"{at}title__icontains": word}) | Q(**{f"{at}metadata__reference__icontains": word}) | read


def _of_id(word: str) -> Q:
    """An id, or eight figures of its beginning at least."""
    if not _START.fullmatch(word):
        return Q(pk__in=[])
    begins = word.replace("-", "")[:32]
    return Q(pk__gte=UUID(begins.ljust(32, "0")), pk__lte=UUID(begins.ljust(32, "f")))


def _run(one: Instance) -> Other:
    said = f"{flow_words.status(one)} · {ways.since(one.started_at)}"
    return Other(UUID(str(one.pk)), "workflow", "flow", awaited.named(one), said)


def _paper(one: Document) -> Other:
    return Other(UUID(str(one.pk)), "document", "file", one.title, str(wording.state(one.status)))
