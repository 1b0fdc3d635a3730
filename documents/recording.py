"""Recording uploads that came at the same moment: those whose bytes are new in one statement, the others one by one.

A commit and a plan cost PostgreSQL more than the rows of a receipt do: eight receipts in one statement cost less than
three in three (decision 27). Each is still durable before its sender hears of it.

Where bytes can be durable without a name (`Originals.drafts`), they become so while PostgreSQL works on the rows;
they get their names when it has said that all is new, and only then the rows are committed (decision 28).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from accounts.rights import Rights
from documents import idempotency, intake, receiving
from documents.intake import Sent
from documents.models import Document
from documents.receiving import Keep, Receipt, Received
from documents.storage import Draft, originals

logger = logging.getLogger(__name__)

WRITERS = 4  # of a process: files of one group that are synced at the same moment

Outcome = Document | Exception
"""The document, or why there is none: a Refusal, or a fault."""
Given = TypeVar("Given")
Found = TypeVar("Found")

_writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="keeping")


@dataclass(frozen=True)
class Recorded:
    """What became of each upload, in the order given, and what is left to tell when the senders have their answers."""

    outcomes: list[Outcome]
    untold: Received | None = None

    def begin_to_tell(self) -> Callable[[], None]:
        """Wake workers and listeners, not waiting for them; gives what has to be called soon."""
        return self.untold.begin_to_tell() if self.untold is not None else _nothing


def _nothing() -> None:
    pass


Show = Callable[[int, Document], object]


def record(uploads: Sequence[Sent], *, show: Show = lambda number, document: None) -> Recorded:
    """Keep and record these uploads; a bad one harms no other. Commits by itself: call it outside a transaction.

    `show` may be given documents, by the number of their upload, that PostgreSQL is still at work on. What is made of
    one holds if it becomes the outcome, and costs nobody time.
    """
    outcomes, untold = _drafted(uploads, show) if originals().drafts else _kept_first(uploads)
    for number, sent in enumerate(uploads):
        if number not in outcomes:
            outcomes[number] = _attempt(_alone, sent)
    return Recorded([outcomes[number] for number in range(len(uploads))], untold)


def _drafted(uploads: Sequence[Sent], show: Show) -> tuple[dict[int, Outcome], Received | None]:
    """What became of those with new bytes, which become durable while PostgreSQL works.

    Nobody asks before whether a request was answered already: the statement finds out, and nothing has a name by then.
    """
    new = {n: sent for n, sent in enumerate(uploads) if _attempt(originals().touched, sent.found.sha256) is False}
    group = _fit_for_one({number: sent.unkept() for number, sent in new.items()})
    keeping = _Keeping({number: new[number] for number in group}, show)
    try:
        return _together(group, keeping.keep)
    except _Unkept:
        return keeping.failed, None
    finally:
        keeping.drop()


class _Unkept(Exception):
    """Some of the bytes did not become durable."""


class _Keeping:
    """The bytes of a group on their way into storage; `failed` tells whose did not get there, and why."""

    def __init__(self, group: Mapping[int, Sent], show: Show) -> None:
        self._group, self._show, self._drafts = group, show, dict[int, Draft]()
        self.failed: dict[int, Outcome] = {}

    def keep(self, documents: Sequence[Document]) -> Callable[[], None]:
        """Make all durable; gives what names them. Raises _Unkept, as that does."""
        drafts = _each(Sent.draft, self._group)
        self._drafts = {number: draft for number, draft in drafts.items() if not isinstance(draft, Exception)}
        self._note(drafts)
        for number, document in zip(self._group, documents, strict=True):
            self._show(number, document)
        return self._give_names

    def drop(self) -> None:
        """Remove what has got no name."""
        for draft in self._drafts.values():
            draft.drop()

    def _give_names(self) -> None:
        self._note(_each(lambda draft: draft.name(), self._drafts))

    def _note(self, ended: Mapping[int, object]) -> None:
        failed = {number: error for number, error in ended.items() if isinstance(error, Exception)}
        self.failed |= failed
        if failed:
            raise _Unkept


def _kept_first(uploads: Sequence[Sent]) -> tuple[dict[int, Outcome], Received | None]:
    """What became of those with new bytes, where that may take long: no transaction waits for it."""
    try:
        outcomes = _answered_before(uploads)
    except (OperationalError, InterfaceError) as away:
        return dict.fromkeys(range(len(uploads)), away), None
    kept = _each(Sent.kept, {number: sent for number, sent in enumerate(uploads) if number not in outcomes})
    outcomes |= {number: one for number, one in kept.items() if isinstance(one, Exception)}
    receipts = {number: one for number, one in kept.items() if isinstance(one, Receipt)}
    together, untold = _together(_fit_for_one({n: one for n, one in receipts.items() if one.file.created}))
    outcomes |= together
    for number, receipt in receipts.items():
        if number not in outcomes:
            outcomes[number] = _attempt(intake.receive_known, receipt)
    return outcomes, untold


def _answered_before(uploads: Sequence[Sent]) -> dict[int, Outcome]:
    """By place, the documents that requests with the same key gave, and the refusals of those that say something else.

    Asked before their bytes are kept: what is refused leaves nothing.
    """
    known = idempotency.answered_before([sent.asked for sent in uploads])
    return {
        n: answer if isinstance(answer, Exception) else _attempt(_given_before(uploads[n].wishes.rights), answer)
        for n, answer in known.items()
    }


def _given_before(rights: Rights) -> Callable[[dict[str, Any]], Document]:
    return lambda known: intake.given_before(known, rights)


def _fit_for_one(receipts: Mapping[int, Receipt]) -> dict[int, Receipt]:
    """Of those with new bytes, no two with the same bytes or the same key."""
    taken: set[object] = set()
    fit = {}
    for number, receipt in receipts.items():
        names = {receipt.file.sha256, *([receipt.asked.key] if receipt.asked is not None else [])}
        if not names & taken:
            fit[number] = receipt
            taken |= names
    return fit


def _together(group: Mapping[int, Receipt], keep: Keep | None = None) -> tuple[dict[int, Outcome], Received | None]:
    """Their documents; nothing when one of them is not as new as it looked, or a row is refused: each goes alone.

    When PostgreSQL goes away meanwhile nobody knows whether they were written: all are told so.
    """
    if not group:
        return {}, None
    try:
        received = receiving.receive_new(list(group.values()), keep=keep)
    except (OperationalError, InterfaceError) as error:
        return dict.fromkeys(group, error), None
    except DatabaseError:
        logger.exception("Recording %s uploads together failed; now one at a time", len(group))
        return {}, None
    if received is None:
        return {}, None
    return dict(zip(group, received.documents, strict=True)), received


def _alone(sent: Sent) -> Document:
    """The long way, for bytes that are known and requests that came before; what is refused leaves nothing."""
    return sent.answered_before() or intake.receive_known(sent.kept())


def _each(act: Callable[[Given], Found], given: Mapping[int, Given]) -> dict[int, Found | Exception]:
    """What it gives or raises for each; for several at a time: a disk syncs two files almost as quickly as one."""
    if len(given) == 1:
        return {number: _attempt(act, one) for number, one in given.items()}
    return dict(zip(given, _writers.map(lambda one: _attempt(act, one), given.values()), strict=True))


def _attempt(act: Callable[[Given], Found], given: Given) -> Found | Exception:
    """What it gives or raises: each sender is told, and faults are logged where they are answered."""
    try:
        return act(given)
    except Exception as error:  # noqa: BLE001 (a value from here on)
        return error
