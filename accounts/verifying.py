"""Verifying the whole history, however long it is.

It is read in bites of bounded size, each by a statement of its own: nothing is held in memory, and no snapshot in the
database. A `Walk` knows after each bite how far it is, and where to begin another time. What is written meanwhile may
be looked at or not; chains only grow.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import connection

from accounts import history, sealing
from accounts.history import Break

BITE = 5_000
CHAINS, SEALS = "chains", "seals"

_ENTRIES = """
SELECT subject_kind, subject_id, sequence, action, actor_name, at, before::text, after::text, note, previous_digest,
    digest
FROM accounts_historyentry
WHERE (subject_kind, subject_id, sequence) > (%s, %s, %s)
ORDER BY subject_kind, subject_id, sequence LIMIT %s
"""


class NoPlace(Exception):
    """There is no such place to begin with."""


@dataclass
class Walk:
    """How far one part is verified. `place` is where to begin so as to go on from here; empty: at its beginning.

    `rows` and `subjects` are what was looked at so far.
    """

    place: str = ""
    rows: int = 0
    subjects: int = 0
    heard: Callable[["Walk"], None] = field(default=lambda walk: None)

    def come_to(self, place: str, *, rows: int, subjects: int) -> None:
        """So much more was looked at."""
        self.place, self.rows, self.subjects = place, self.rows + rows, self.subjects + subjects
        self.heard(self)


Prover = Callable[[Walk], Iterable[Break]]
"""The first break of each subject from a place on."""
_provers: dict[str, Prover] = {}


class Entry(NamedTuple):
    """A row of HistoryEntry."""

    subject_kind: str
    subject_id: str
    sequence: int
    action: str
    actor_name: str
    at: datetime
    before: Any
    after: Any
    note: str
    previous_digest: str
    digest: str


def prove_also(name: str, prover: Prover) -> None:
    """Have `verify_history` ask this too: whether subjects stand as their history says."""
    _provers[name] = prover


def parts() -> dict[str, Prover]:
    """What is verified, in this order: the chains, what the apps above say of their subjects, the seals."""
    return {CHAINS: chains, **_provers, SEALS: seals}


def chains(walk: Walk) -> Iterator[Break]:
    """Each subject's first break. A place is `<kind> <id>`: the subject to begin with."""
    return history.breaks(_entries(walk))


def _entries(walk: Walk) -> Iterator[Entry]:
    kind, _space, subject_id = walk.place.partition(" ")
    after, subject = (kind, subject_id, -1), ("", "")
    while bite := _bite(after):
        subjects = len({entry[:2] for entry in bite} - {subject})
        yield from bite
        after, subject = bite[-1][:3], bite[-1][:2]
        walk.come_to(" ".join(subject), rows=len(bite), subjects=subjects)


def _bite(after: tuple[str, str, int]) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [*after, BITE])
        return [Entry._make((*row[:6], _said(row[6]), _said(row[7]), *row[8:])) for row in cursor.fetchall()]


def _said(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # a number that the gateway never writes: the digest will not fit
        return text


def seals(walk: Walk) -> Iterator[Break]:
    """The first seal that does not hold. A place is its number. Raises NoPlace."""
    if walk.place and not (walk.place.isascii() and walk.place.isdecimal() and 0 < len(walk.place) < 10):
        raise NoPlace(walk.place)
    for number, sound in sealing.walk(int(walk.place or 1)):
        if not sound:
            yield Break("seal", str(number), 0)
        walk.come_to(str(number + 1), rows=1, subjects=1)
