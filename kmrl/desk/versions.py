"""The versions of a definition: what each said, what differs between two, texts to take away, and moving runs."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.admin.desk import actor
from accounts.refusals import NotFound, Refusal
from kmrl.desk import door, many
from kmrl.desk.writing import head_of, named
from kmrl.pages import drawn, flow_words, reasons, ways
from workflows import migrating
from workflows.admin.desk import page, rights
from workflows.definitions import comparing, exchange
from workflows.models import ALIVE, Definition, DefinitionVersion, Instance

TYPES = {"yaml": "application/yaml", "json": "application/json", "bpmn": "application/xml"}
SHOWN = 100


@require_safe
def index(request: HttpRequest, key: str) -> HttpResponse:
    """All of them, the newest first, with how many runs are alive in each; `?a=1&b=2` says what differs."""
    door.ask_to_read(request)
    definition = named(key)
    found = definition.versions.defer("body", "source").select_related("published_by").order_by("-number")
    counts = _alive_by_version(definition)
    context: dict[str, Any] = {
        **head_of(definition, "versions"),
        "versions": [(version, counts.get(version.pk, 0)) for version in found],
        "formats": exchange.FORMATS,
    }
    a, b = request.GET.get("a", ""), request.GET.get("b", "")
    if a.isdecimal() and b.isdecimal() and a != b:
        old, new = sorted((int(a), int(b)))
        changes = comparing.compare(_version(definition, old).body, _version(definition, new).body)
        context |= {"compared": (old, new), "changes": changes}
    return page(request, "admin/workflows/versions.html", flow_words.titled(definition), context)


@require_safe
def one(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version as it was published: its text and its drawing."""
    door.ask_to_read(request)
    definition = named(key)
    version = _version(definition, number)
    context = {
        **head_of(definition, "versions"),
        "version": version,
        "drawn": drawn.of(version.body),
        "lines": range(1, version.source.count("\n") + 2),
        "formats": exchange.FORMATS,
    }
    title = _("%(title)s, version %(n)d") % {"title": flow_words.titled(definition), "n": number}
    return page(request, "admin/workflows/version.html", title, context)


@require_safe
def export(request: HttpRequest, key: str, number: int, format: str) -> HttpResponse:
    """The version as a file."""
    door.ask_to_read(request)
    if format not in exchange.FORMATS:
        raise Http404
    version = _version(named(key), number)
    answer = HttpResponse(exchange.export(version, format), content_type=f"{TYPES[format]}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}-v{number}.{format}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, key: str) -> HttpResponse:
    """Which runs could go on in the published version (or `?to=`), and, with `sure`, moves all of them or none."""
    door.ask_to_change(request)
    definition = named(key)
    if definition.published is None:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    to = int(asked["to"]) if asked.get("to", "").isdecimal() else definition.published.number
    mapping = _mapping(asked.get("mapping", ""))
    chosen = many.ids(request.POST.getlist("run"))
    if request.POST.get("sure") == "1":
        try:
            done = migrating.migrate(
                definition=definition,
                to=to,
                instances=chosen,
                mapping=mapping,
                by=actor(request),
                rights=rights(request),
                why=request.POST.get("why", ""),
            )
        except Refusal as refusal:
            messages.error(request, reasons.in_words(refusal.detail))
        else:
            n = len(done.places)
            said = ngettext("%(n)d run goes on in version %(to)d.", "%(n)d runs go on in version %(to)d.", n)
            messages.success(request, said % {"n": n, "to": to})
            return redirect("desk:versions", key=key)
    return _plan(request, definition, to, mapping, asked.get("mapping", ""))


def _plan(request: HttpRequest, definition: Definition, to: int, mapping: dict[str, str], written: str) -> HttpResponse:
    try:
        plan = migrating.plan(definition=definition, to=to, mapping=mapping)
    except NotFound as refusal:
        raise Http404 from refusal
    runs = Instance.objects.select_related("document", "version").in_bulk(
        [place.instance for place in plan.places[:SHOWN]]
    )
    lines = [
        (place, runs[place.instance], ways.where(runs[place.instance]), [reasons.in_words(why) for why in place.why])
        for place in plan.places[:SHOWN]
    ]
    fitting = [place for place in plan.places if place.fits]
    context = {
        **head_of(definition, "move"),
        "plan": plan,
        "lines": lines,
        "fitting": fitting,
        "unfit": len(plan.places) - len(fitting),
        "to": to,
        "mapping": written,
        "numbers": list(definition.versions.order_by("-number").values_list("number", flat=True)),
        "most": migrating.AT_ONCE,
    }
    return page(request, "admin/workflows/move.html", flow_words.titled(definition), context)


def _alive_by_version(definition: Definition) -> dict[int, int]:
    found: dict[int, int] = {}
    for pk in Instance.objects.filter(definition=definition, status__in=ALIVE).values_list("version", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def _version(definition: Definition, number: int) -> DefinitionVersion:
    found = definition.versions.select_related("definition", "published_by").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _mapping(written: str) -> dict[str, str]:
    """`old: new`, one a line."""
    pairs = (line.partition(":") for line in written.splitlines())
    return {old.strip(): new.strip() for old, _colon, new in pairs if old.strip() and new.strip()}
