"""What a run waits for, on its pages: in words, and read from what somebody writes or pastes."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.refusals import Refusal
from accounts.rights import Rights
from kmrl.pages import flow_words, wording
from workflows import awaiting
from workflows.awaiting import Awaited
from workflows.models import Instance

_ID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One thing that is or was awaited; `of` is empty for who may not see it."""

    number: int
    kind: str
    of: str
    title: str
    status: str
    met: bool


def lines(instance: Instance, rights: Rights) -> list[Line]:
    """What it waits for first, then what has come."""
    found = [_line(one) for one in awaiting.of(instance, rights)]
    return sorted(found, key=lambda one: one.met)


def meant(said: str, rights: Rights) -> tuple[str, UUID]:
    """The run or document whose id or address somebody has written. Raises Refusal when there is none in it."""
    found = id_in(said)
    if not found:
        raise Refusal("Write the id of a run or document, or paste the address of its page.")
    pk = UUID(found)
    is_run = Instance.objects.visible_to(rights).filter(pk=pk).exists()
    return ("workflow" if is_run else "document"), pk


def id_in(said: str) -> str:
    """The id that somebody has written or that stands in an address; empty without."""
    ids = _ID.findall(said)
    return str(ids[-1]) if ids else ""


def _line(one: Awaited) -> Line:
    number, met = int(one.row.pk), one.row.met_at is not None
    if one.run is not None:
        return Line(number, one.kind, str(one.run.pk), named(one.run), flow_words.status(one.run), met)
    if one.document is not None:
        status = str(wording.state(one.document.status))
        return Line(number, one.kind, str(one.document.pk), one.document.title, status, met)
    unseen = _("a run that you may not see") if one.kind == "workflow" else _("a document that you may not see")
    return Line(number, one.kind, "", unseen, "", met)


def named(run: Instance) -> str:
    """As far as the rights show the run they show its document."""
    called = flow_words.titled(run.definition)
    return f"{called} · {run.document.title}" if run.document else called
