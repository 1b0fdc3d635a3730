"""Actions that find something in the document's text: a term, an amount, reference numbers, the same asset again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from documents.extraction.facts import REFERENCE
from documents.models import Access, Document, Status
from documents.searching import filter_by_words
from workflows import calendars
from workflows.actions.registry import Action, Given, Param
from workflows.durations import Duration
from workflows.finding import amounts, assets, terms
from workflows.finding.words import alike

OFFICE = "office"
SHOWN = 20
EARLIEST, LATEST = 100, 9_900  # years of papers from which terms are counted
LONGEST_BACK = 3_660  # days
LOOKED_AT = 200  # other documents that a search looks through


def numbered(given: Given) -> list[tuple[int, str]]:
    """The pages of the document with their numbers."""
    return [(page.number, page.text) for page in given.text.pages]


# --- term.find


def find_term(given: Given) -> dict[str, object]:
    """The earliest term that asks for something and is not over when the paper was written."""
    pages = numbered(given)
    written, counted_from = _written(given, pages)
    received = timezone.localdate(given.paper().uploaded_at)
    found = []
    for term in terms.find(pages):
        start = received if term.from_receipt else written
        try:
            found.append((term, start, _due(term, start, given)))
        except ValueError:
            continue  # a paper of the year 9999 has no day after it
    if not found:
        return {"found": False, "date": None, "words": "", "page": None, "counted_from": None, "others": []}
    ahead = [one for one in found if one[2] >= one[1]] or found
    chosen = min(ahead, key=lambda one: (not one[0].asks, one[2]))
    term, start, due = chosen
    since = None if term.day else {"date": start.isoformat(), "is": "receipt" if term.from_receipt else counted_from}
    others = [{"date": day.isoformat(), "words": one.words, "page": one.page} for one, _, day in found if one != term]
    return {
        "found": True,
        "date": due.isoformat(),
        "words": term.words,
        "page": term.page,
        "counted_from": since,
        "others": others[:SHOWN],
    }


def _written(given: Given, pages: Iterable[tuple[int, str]]) -> tuple[date, str]:
    """The day from which terms run: the document's date, the one that its first page gives it, or its receipt."""
    document = given.paper()
    if document.document_date is not None:
        return document.document_date, "document"
    first = next((text for _, text in pages), "")
    if (day := terms.written_on(first)) is not None:
        return day, "letter"
    return timezone.localdate(document.uploaded_at), "receipt"


def _due(term: terms.Term, start: date, given: Given) -> date:
    if term.day is not None:
        return term.day
    if not EARLIEST <= start.year <= LATEST:
        raise ValueError(f"No term is counted from the year {start.year}.")
    if term.unit == "month":
        return _months_on(start, term.count)
    if term.working and term.unit in ("day", "hour"):
        morning = timezone.make_aware(datetime(start.year, start.month, start.day, 0, 0))
        calendar = calendars.named(OFFICE)
        return timezone.localdate(calendars.add(Duration(term.count, term.unit, True), morning, calendar))
    if term.unit == "hour":
        from_moment = max(given.paper().uploaded_at, timezone.make_aware(datetime(start.year, start.month, start.day)))
        return timezone.localdate(from_moment + timedelta(hours=term.count))
    return start + timedelta(days=term.count * (7 if term.unit == "week" else 1))


def _months_on(start: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise ValueError(f"There is no year {year}.")


# --- amount.find


def find_amount(given: Given) -> dict[str, object]:
    """The total that the paper names; with none named, nothing is guessed."""
    found = amounts.find(numbered(given))
    total = amounts.total(found)
    others = [
        {"amount": float(one.value), "words": one.words, "page": one.page}
        for one in sorted(found, key=lambda one: -one.certain)
        if one is not total
    ]
    if total is None:
        return {"found": False, "amount": None, "words": "", "page": None, "others": others[:SHOWN]}
    return {
        "found": True,
        "amount": float(total.value),
        "shown": amounts.grouped(total.value),
        "words": total.words,
        "page": total.page,
        "others": others[:SHOWN],
    }


# --- reference.find


def find_references(given: Given) -> dict[str, object]:
    """The reference numbers of the text (`KMRL/S&T/2026-27/0142`), each once, in its order."""
    found: dict[str, int] = {}
    for number, text in numbered(given):
        for match in REFERENCE.finditer(alike(text)):
            found.setdefault(match.group(), number)
    listed = [{"reference": reference, "page": page} for reference, page in found.items()][:SHOWN]
    first = listed[0] if listed else {"reference": "", "page": None}
    return {"found": bool(listed), **first, "all": listed}


# --- repeat.find


def find_repeats(given: Given) -> dict[str, object]:
    """Other papers of the same department that name the same asset, received within so many days before this one."""
    document, days = given.paper(), int(given.params["days"])
    named = assets.find(numbered(given))
    wanted = str(given.params["asset"] or "")
    looked_for = [wanted] if wanted else list(named)
    repeats = []
    for asset in looked_for:
        for other in _naming(asset, document, days, same_type=bool(given.params["same_type"])):
            said = {"asset": asset, "document": str(other.pk), "title": other.title}
            repeats.append({**said, "received_at": other.uploaded_at.isoformat()})
    count = len({repeat["document"] for repeat in repeats})
    return {"found": bool(repeats), "count": count, "assets": looked_for, "repeats": repeats[:SHOWN], "days": days}


def _naming(asset: str, document: Document, days: int, *, same_type: bool) -> list[Document]:
    """Seen by those who see this document: of its department, and not restricted."""
    since = document.uploaded_at - timedelta(days=days)
    others = Document.objects.outside_bin().filter(
        department=document.department_id,
        access=Access.DEPARTMENT,
        status=Status.PROCESSED,
        uploaded_at__gte=since,
        uploaded_at__lte=document.uploaded_at,
    )
    if document.department_id is None:
        others = others.filter(uploaded_by=document.uploaded_by_id)
    if same_type and document.document_type:
        others = others.filter(document_type=document.document_type)
    found = filter_by_words(others.exclude(pk=document.pk), f'"{asset}"').select_related("readable")
    return [other for other in found.order_by("-uploaded_at")[:LOOKED_AT] if _names(other, asset)]


def _names(document: Document, asset: str) -> bool:
    """The index reads signs as spaces: whether it is this id, to the letter."""
    if document.readable is None:
        return False
    pages = document.readable.pages.values_list("number", "text")
    return asset in alike(document.title) or any(asset in assets.find([page]) for page in pages)


ACTIONS = (
    Action(
        name="term.find",
        title="Find the term",
        about="The day by which the paper wants something done: “within 15 days”, “on or before 05/11/2026”.",
        perform=find_term,
        result={
            "found": "whether there is one",
            "date": "the day, as 2026-11-05",
            "words": "what stands there",
            "page": "where",
            "counted_from": "the day from which a term of days runs, and what it is: document, letter or receipt",
            "others": "the other terms of the text",
        },
    ),
    Action(
        name="amount.find",
        title="Find the total",
        about="The amount in rupees that the paper names as its total.",
        perform=find_amount,
        result={
            "found": "whether there is one",
            "amount": "in rupees",
            "shown": "as ₹ 12,34,567.89",
            "words": "what stands there",
            "page": "where",
            "others": "the other amounts of the text",
        },
    ),
    Action(
        name="reference.find",
        title="Find reference numbers",
        about="Reference numbers such as KMRL/S&T/2026-27/0142.",
        perform=find_references,
        result={
            "found": "whether there is one",
            "reference": "the first",
            "page": "where",
            "all": "each with its page",
        },
    ),
    Action(
        name="repeat.find",
        title="Find repeated faults",
        about="Papers of the same department about the same asset (TS-07-BOGIE-2), received in the days before.",
        perform=find_repeats,
        quick=False,
        params=(
            Param(name="days", title="how many days back", type="integer", default=30, least=1, most=LONGEST_BACK),
            Param(name="asset", title="the asset's id", help="without: every asset that the text names"),
            Param(name="same_type", title="only papers of the same type", type="boolean", default=False),
        ),
        result={
            "found": "whether there are any",
            "count": "how many documents",
            "assets": "which assets were looked for",
            "repeats": "asset, document, title and when it was received, the newest first",
        },
    ),
)
