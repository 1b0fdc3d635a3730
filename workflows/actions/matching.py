"""`match.three_way`: whether purchase order, goods receipt and invoice agree in quantity, rate and tax."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.rights import rights_of
from documents.models import Access, Document, DocumentType, Status
from documents.searching import filter_by_words
from workflows.actions.finding import numbered
from workflows.actions.registry import Action, Given, Param
from workflows.finding import bills
from workflows.finding.bills import Bill, Line

CANDIDATES = 20
SHOWN = 50
TOLERANCE = Decimal("1.00")  # rupees; rounding of a total


def match(given: Given) -> dict[str, Any]:
    """The invoice against the order that it names and the receipt of that order; each difference in words."""
    invoice = bills.read(numbered(given))
    number = str(given.params["order"] or invoice.order)
    order_document = receipt_document = None
    if number:
        order_document = _naming(given, number, DocumentType.PURCHASE_ORDER)
        receipt_document = _naming(given, number, DocumentType.GOODS_RECEIPT)
    order, receipt = _bill(order_document), _bill(receipt_document)
    missing = []
    if not number:
        missing.append("the invoice names no purchase order")
    if number and order is None:
        missing.append(f"no purchase order {number} was found")
    if number and receipt is None:
        missing.append(f"no goods receipt for {number} was found")
    if not invoice.lines:
        missing.append("no lines with quantity and rate could be read on the invoice")
    differences = [*_against_order(invoice, order), *_against_receipt(invoice, receipt)]
    return {
        "matched": not missing and not differences,
        "order": number,
        "order_document": str(order_document.pk) if order_document else None,
        "receipt": receipt.receipt if receipt else "",
        "receipt_document": str(receipt_document.pk) if receipt_document else None,
        "total": _plain(invoice.total),
        "missing": missing,
        "differences": differences[:SHOWN],
        "words": _sentence(missing, differences),
    }


def _naming(given: Given, number: str, kind: DocumentType) -> Document | None:
    """The newest paper of that type which names the order, among those that this run may look at."""
    found = _looked_at(given).filter(document_type=kind, status=Status.PROCESSED).exclude(pk=given.paper().pk)
    for document in filter_by_words(found, f'"{number}"').order_by("-uploaded_at")[:CANDIDATES]:
        bill = _bill(document)
        if bill is not None and bill.order == number.upper():
            return document
        if bill is not None and kind == DocumentType.PURCHASE_ORDER and number.upper() in _text(document).upper():
            return document
    return None


def _looked_at(given: Given) -> Any:
    """What the invoice's uploader sees, and what lies open in the departments that the definition names."""
    seen = Document.objects.visible_to(rights_of(given.paper().uploaded_by)).values("pk")
    named = Q(department__key__in=list(given.params["departments"]))
    same = Q(department_id=given.paper().department_id, department__isnull=False)
    return Document.objects.outside_bin().filter(named | same | Q(pk__in=seen), access=Access.DEPARTMENT)


def _pages(document: Document) -> list[tuple[int, str]]:
    return list(document.readable.pages.values_list("number", "text")) if document.readable else []


def _text(document: Document) -> str:
    return "\n".join(text for _, text in _pages(document))


def _bill(document: Document | None) -> Bill | None:
    return bills.read(_pages(document)) if document is not None else None


def _against_order(invoice: Bill, order: Bill | None) -> list[dict[str, Any]]:
    if order is None:
        return []
    differences = []
    for line in invoice.lines:
        ordered = _same(line, order.lines)
        if ordered is None:
            differences.append(_difference("item", line.item, None, line.quantity, "is billed and was not ordered"))
            continue
        if line.quantity > ordered.quantity:
            said = f"{_plain(line.quantity):g} billed, {_plain(ordered.quantity):g} ordered"
            differences.append(_difference("quantity", line.item, ordered.quantity, line.quantity, said))
        if ordered.rate is not None and line.rate != ordered.rate:
            said = f"billed at {_plain(line.rate):g}, ordered at {_plain(ordered.rate):g}"
            differences.append(_difference("rate", line.item, ordered.rate, line.rate, said))
    if invoice.tax_rate != order.tax_rate and order.tax_rate is not None:
        billed = "none" if invoice.tax_rate is None else f"{invoice.tax_rate.normalize():f} %"
        said = f"tax of {billed} billed, {order.tax_rate.normalize():f} % ordered"
        differences.append(_difference("tax", "", order.tax_rate, invoice.tax_rate, said))
    return [*differences, *_total(invoice)]


def _against_receipt(invoice: Bill, receipt: Bill | None) -> list[dict[str, Any]]:
    if receipt is None:
        return []
    differences = []
    for line in invoice.lines:
        received = _same(line, receipt.lines)
        quantity = received.quantity if received else Decimal(0)
        if line.quantity != quantity:
            said = f"{_plain(line.quantity):g} billed, {_plain(quantity):g} received"
            differences.append(_difference("received", line.item, quantity, line.quantity, said))
    return differences


def _total(invoice: Bill) -> list[dict[str, Any]]:
    """Whether the invoice's total is what its own lines and taxes come to."""
    if invoice.total is None or not invoice.lines or any(line.rate is None for line in invoice.lines):
        return []
    net = sum((line.quantity * (line.rate or 0) for line in invoice.lines), Decimal(0))
    whole = net * (100 + (invoice.tax_rate or 0)) / 100
    if abs(whole - invoice.total) <= TOLERANCE:
        return []
    said = f"the invoice says {invoice.total:.2f}, its lines and taxes come to {whole:.2f}"
    return [_difference("total", "", whole, invoice.total, said)]


def _same(line: Line, lines: Iterable[Line]) -> Line | None:
    return next((other for other in lines if bills.same_item(line.item, other.item)), None)


def _difference(what: str, item: str, wanted: Decimal | None, billed: Decimal | None, said: str) -> dict[str, Any]:
    words = f"{item}: {said}" if item else said
    return {"what": what, "item": item, "expected": _plain(wanted), "billed": _plain(billed), "words": words}


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _sentence(missing: list[str], differences: list[dict[str, Any]]) -> str:
    said = [*missing, *(difference["words"] for difference in differences[:3])]
    if not said:
        return "Order, receipt and invoice agree."
    more = len(differences) - 3
    return "; ".join(said) + (f"; and {more} more differences." if more > 0 else ".")


ACTIONS = (
    Action(
        name="match.three_way",
        title="Compare with order and receipt",
        about="Whether purchase order, goods receipt and invoice agree in quantity, rate and tax.",
        perform=match,
        quick=False,
        params=(
            Param(name="order", title="number of the purchase order", help="without: as the invoice names it"),
            Param(
                name="departments",
                title="departments whose orders and receipts may be looked at",
                type="list",
                default=["procurement"],
                help="keys; what the invoice's uploader sees is always looked at, restricted papers never",
            ),
        ),
        result={
            "matched": "whether all three are there and agree",
            "order": "the order's number",
            "order_document": "its id",
            "receipt_document": "the receipt's id",
            "missing": "what was not found",
            "differences": "what differs: item, quantity, rate, received, tax or total",
            "words": "all of it in one sentence",
        },
    ),
)
