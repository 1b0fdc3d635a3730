"""Recording uploads that came at the same moment: those whose bytes are new in one statement, the others one by one.

A commit and a plan cost PostgreSQL more than the rows of a receipt do: eight receipts in one statement cost less than
three in three (decision 27). Each is still durable before its sender hears of it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from documents import idempotency, intake, receiving
from documents.intake import Sent
from documents.models import Document
from documents.receiving import Receipt, Received

logger = logging.getLogger(__name__)

Outcome = Document | Exception
"""The document, or why there is none: a Refusal, or a fault."""
Found = TypeVar("Found")


@dataclass(frozen=True)
class Recorded:
    """What became of each upload, in the order given, and what is left to tell when the senders have their answers."""

    outcomes: list[Outcome]
    untold: Received | None = None

    def tell(self) -> None:
        """Wake workers and listeners, after commit."""
        if self.untold is not None:
            self.untold.tell()


def record(uploads: Sequence[Sent]) -> Recorded:
    """Keep and record these uploads; a bad one harms no other. Commits by itself: call it outside a transaction."""
    try:
        outcomes = _answered_before(uploads)
    except (OperationalError, InterfaceError) as away:
        return Recorded([away] * len(uploads))
    kept = {number: _attempt(sent.kept) for number, sent in enumerate(uploads) if number not in outcomes}
    receipts = {number: one for number, one in kept.items() if isinstance(one, Receipt)}
    outcomes |= {number: one for number, one in kept.items() if isinstance(one, Exception)}
    together, untold = _together(_fit_for_one(receipts))
    outcomes |= together
    for number, receipt in receipts.items():
        if number not in outcomes:
            outcomes[number] = _alone(receipt)
    return Recorded([outcomes[number] for number in range(len(uploads))], untold)


def _answered_before(uploads: Sequence[Sent]) -> dict[int, Outcome]:
    """By place, the documents that requests with the same key gave, and the refusals of those that say something else.

    Asked before their bytes are kept: what is refused leaves nothing.
    """
    known = idempotency.answered_before([sent.asked for sent in uploads])
    return {
        n: answer if isinstance(answer, Exception) else _document(answer["document"]) for n, answer in known.items()
    }


def _fit_for_one(receipts: Mapping[int, Receipt]) -> dict[int, Receipt]:
    """Those with new bytes, no two with the same bytes or the same key."""
    taken: set[object] = set()
    fit = {}
    for number, receipt in receipts.items():
        names = {receipt.file.sha256, *([receipt.asked.key] if receipt.asked is not None else [])}
        if receipt.file.created and not names & taken:
            fit[number] = receipt
            taken |= names
    return fit


def _together(group: Mapping[int, Receipt]) -> tuple[dict[int, Outcome], Received | None]:
    """Their documents; nothing when one of them is not as new as it looked, or a row is refused: each goes alone.

    When PostgreSQL goes away meanwhile nobody knows whether they were written: all are told so.
    """
    if not group:
        return {}, None
    try:
        received = receiving.receive_new(list(group.values()))
    except (OperationalError, InterfaceError) as error:
        return dict.fromkeys(group, error), None
    except DatabaseError:
        logger.exception("Recording %s uploads together failed; now one at a time", len(group))
        return {}, None
    if received is None:
        return {}, None
    return dict(zip(group, received.documents, strict=True)), received


def _alone(receipt: Receipt) -> Outcome:
    return _attempt(lambda: intake.receive_known(receipt))


def _document(pk: str) -> Outcome:
    return _attempt(lambda: Document.objects.get(pk=pk))


def _attempt(act: Callable[[], Found]) -> Found | Exception:
    """What it gives or raises: each sender is told, and faults are logged where they are answered."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (a value from here on)
        return error
