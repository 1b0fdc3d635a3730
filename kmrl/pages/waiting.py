"""How much waits for a person, and what of it is due first: for the rail and the home page."""

from dataclasses import dataclass
from itertools import islice

from accounts.rights import Rights
from kmrl.pages import task_rows
from kmrl.pages.task_rows import TaskRow
from workflows import acknowledging, deciding, inbox

COUNTED_TO = 100


@dataclass(frozen=True)
class Waiting:
    """Those that are due first, decisions and papers to read among each other, and how many there are in all."""

    rows: list[TaskRow]
    count: int


def count(rights: Rights) -> int:
    """What waits to be decided and to be read: each exact up to 100."""
    decisions = 0
    if deciding.may_decide_at_all(rights):
        decisions = inbox.waiting_for(rights).order_by().values("pk")[:COUNTED_TO].count()
    return decisions + to_read(rights)


def to_read(rights: Rights) -> int:
    """What waits to be read and confirmed: exact up to 100."""
    return acknowledging.awaiting(rights).order_by().values("pk")[:COUNTED_TO].count()


def first(rights: Rights, most: int) -> Waiting:
    """The `most` that are due first."""
    decisions = task_rows.rows_of(task_rows.ready(inbox.waiting_for(rights))[:most], rights)
    readings = task_rows.of_readings(task_rows.readings(rights)[:most], rights)
    ordered = sorted([*decisions, *readings], key=lambda row: row.order)
    return Waiting(list(islice(ordered, most)), count(rights))
