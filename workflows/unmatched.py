"""Documents that start nothing are seen off in the transaction that settles them.

Most papers match no trigger, and a job that finds this out costs a good part of what reading the paper does. Where a
trigger matches, or looking takes long, the job `document.settled` does it all, outside that transaction
(`workflows.routing`).
"""

import logging
import time
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from documents.models import Document, Status
from workflows import context, reading, routing, triggers
from workflows.routing import PROCESSED, Looked
from workflows.turn import Happening

logger = logging.getLogger(__name__)

SECONDS = 0.1
"""After that the rest of a batch has jobs: its documents are locked while their triggers are looked at."""


def pass_by(documents: Sequence[Document]) -> set[UUID]:
    """Keep why these locked documents, which have just settled, start nothing, and tell who waits for them.

    Only those that match no trigger, and for the first time; which they were. A fault here leaves all to their jobs.
    """
    read = [one.pk for one in documents if one.status == Status.PROCESSED]
    if not read:
        return set()
    try:
        with transaction.atomic():
            return _passed_by(read)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Settled documents could not be routed at once; their jobs will do it")
        return set()


def _passed_by(read: Sequence[UUID]) -> set[UUID]:
    looked = {pk: one for pk, one in _looked_at(read) if one is None or not _starts(one)}
    happened = [Happening(PROCESSED, str(pk), {"document": str(pk), "status": str(Status.PROCESSED)}) for pk in looked]
    routing.route(looked.values(), happened)
    return set(looked)


def _looked_at(read: Sequence[UUID]) -> Iterator[tuple[UUID, Looked | None]]:
    """As far as time allows. Nothing is there to be looked at where no trigger is, or for a document in the bin."""
    until = time.monotonic() + SECONDS
    papers, found = reading.papers(read), triggers.active(PROCESSED)
    heads = context.heads_of(papers) if any(trigger.reads_head for trigger in found) else None
    said = {"name": PROCESSED, "status": str(Status.PROCESSED)}
    for paper in papers:
        if paper.newest is None or paper.newest.number > 1 or paper.status != Status.PROCESSED:
            continue  # a later version may have tasks to be asked anew
        if time.monotonic() > until:
            return
        if not found or paper.binned_at is not None:
            yield paper.pk, None
        else:
            head = False if heads is None else heads.get(paper.pk, "")
            yield paper.pk, routing.looked_at(paper, paper.newest.number, said, found, head=head)


def _starts(looked: Looked) -> bool:
    return any(one.result == "matches" for one in looked.considered)
