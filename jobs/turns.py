"""Turns: which rank is being claimed now, and from where a claim must look.

**The turn of an urgency** is the rank that was claimed last. It stands in a sequence, not in a row: a sequence has no
versions, so writing it often leaves nothing behind, and everybody reads the newest value, whatever their snapshot.
Who waits anew gets a rank after it (`jobs.enqueueing`), who waits again one not before it (`again`).

**The floor** is what this process remembers: below it nobody waits. Claims begin there, because what was claimed stays
in the index until it is vacuumed, and while somebody holds a snapshot nobody can vacuum: a claim from the beginning
would read all of it. The floor is the rank of the first who waits, and never beyond the turn as it was `LAG` ago: what
is inserted by a transaction that ends within `LAG` is always above. A slower one (many files in one call) may end up
below; `look_everywhere` finds that, every 2 s, or less often when looking takes long, and lets the floor down again.
"""

import threading
import time
from collections import deque

from accounts import prepared
from jobs.models import Priority

URGENCIES = tuple(int(priority) for priority in Priority)
BOTTOM = -1
NEAR, LAG = 0.02, 0.05  # seconds
LOOK_SHARE = 50  # looking everywhere takes a fiftieth of a process' time at most

_NOW = ", ".join(f"(SELECT last_value FROM jobs_turn_{urgency})" for urgency in URGENCIES)  # noqa: S608
_TURNS = f"SELECT {_NOW}"


def of(urgency: str) -> str:
    """SQL: the turn of the urgency that the expression gives."""
    whens = " ".join(f"WHEN {u} THEN (SELECT last_value FROM jobs_turn_{u})" for u in URGENCIES)  # noqa: S608
    return f"(CASE {urgency} {whens} END)"


_WRITTEN = " ".join(
    f"WHEN {u} THEN (SELECT setval('jobs_turn_{u}', lane.reached) FROM jobs_turn_{u} WHERE last_value < lane.reached)"  # noqa: S608
    for u in URGENCIES
)
_LOOK = f"""
WITH turns AS MATERIALIZED (SELECT ARRAY[{_NOW}] AS now)
SELECT CASE lane.n - 1 {_WRITTEN} END, GREATEST(lane.reached, turns.now[lane.n]),
       (SELECT fair_rank FROM jobs_job WHERE state = 'queued' AND run_after IS NULL
        AND urgency = lane.n - 1 AND fair_rank >= lane.floor ORDER BY fair_rank LIMIT 1)
FROM turns CROSS JOIN unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS lane (floor, reached, n) ORDER BY lane.n
"""  # noqa: S608
"""Writes the turns reached here, reads all turns, and then the first who waits of each urgency: one way there and back,
for a busy worker looks some ten times a second."""


def again(job: str = "") -> str:
    """SQL: the rank of a job that waits again: its own, or where the turn is by now."""
    prefix = f"{job}." if job else ""
    return f"GREATEST({prefix}fair_rank, {of(f'{prefix}urgency')})"


def now(urgency: int) -> int:
    """The turn of an urgency."""
    return read()[urgency]


def read() -> list[int]:
    return [int(turn) for turn in prepared.rows(_TURNS, [])[0]]


class Marks:
    """What this process remembers of the turns; used by all its threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing: claims look from the beginning."""
        with self._guard:
            self._floors = [BOTTOM for _ in URGENCIES]
            self._reached: dict[int, int] = {}
            self._seen: deque[tuple[float, list[int]]] = deque(maxlen=64)
            self._near_at = self._far_at = 0.0

    def floors(self, least: int) -> str:
        """As an array of SQL, for the urgencies up to `least`."""
        return _array(self._floors[: least + 1])

    def reach(self, urgency: int, rank: int) -> None:
        """A job of that rank was claimed."""
        with self._guard:
            if rank > self._reached.get(urgency, 0):
                self._reached[urgency] = rank

    def look_near(self) -> None:
        """Write the turns reached and move the floors up; does nothing when that was done 20 ms ago."""
        began = time.monotonic()
        if began - self._near_at < NEAR:
            return
        self._near_at = began
        self._look(list(self._floors))

    def look_everywhere(self) -> None:
        """Find those who wait below the floor; in its own measure (see above)."""
        began = time.monotonic()
        if began < self._far_at:
            return
        self._look([BOTTOM for _ in URGENCIES])
        self._far_at = time.monotonic() + LOOK_SHARE * (time.monotonic() - began)

    def _look(self, floors: list[int]) -> None:
        """Let everybody know which ranks were reached here; the floors, from those who wait at or above `floors`."""
        if not self._seen:  # a new process waits once, and need not read twice all that was claimed before it came
            self._seen.append((time.monotonic(), read()))
            time.sleep(LAG)
        with self._guard:
            reached, self._reached = self._reached, {}
        began = time.monotonic()
        found = prepared.rows(_LOOK, [_array(floors), _array([reached.get(u, BOTTOM) for u in URGENCIES])])
        turns = [int(turn) for _, turn, _ in found]
        with self._guard:
            known = [*self._seen, (began, turns)]  # rows and turns of one look are of one moment
            self._seen.append((time.monotonic(), turns))  # for later looks: by then they were read, maybe just then
            earlier = [turns for at, turns in known if at <= began - LAG]
            if earlier:
                pairs = zip((rank for _, _, rank in found), earlier[-1], strict=True)
                self._floors = [turn if rank is None else min(rank, turn) for rank, turn in pairs]


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


MARKS = Marks()
