"""Taking the rows of runs in the house's order: documents first, then runs, parents before their subflows.

A run that ends moves its parent in the same transaction, so whoever moves a run holds those above it too. They all have
the document of the topmost, whose lock is the family's: nobody waits for a subflow's row while he holds what the other
one needs.

**The order of all locks**, each taken after those above it, and held until commit:

1. the answer to an `Idempotency-Key` (`starting_once`); whose turn it is to ring a run's timers, only tried (`timers`);
2. documents, then families from the topmost run down: `take`, one statement for all that a transaction will need;
3. tasks, then jobs, of runs that are held;
4. the look for circles (`workflows.circles`), also of a step that begins to listen for the end of a run: one at a time
   in the whole house;
5. events, by number: those that somebody begins to listen to alone, those that happen together with others
   (`happenings.hold`). One statement for all of a turn, when it is written down (`writing_down`): the moves before it
   look without a lock, and who ended meanwhile is found under it;
6. rows of `Dependency` of other runs: first what a run waits for no more is removed, then what has happened is met. Who
   holds such a row and waits for another follows what waits for what, which is no circle;
7. the rest inserts: history, jobs, events, and notices by person, kind and group in one statement.

By path: a dependency added: 2, 4, 5. Removed: 2, and what the run then does: 5, 6. A run's end, a cancel, a decision, a
move by the clock or of a child with those above it: 2, 3, 4 where it begins to wait for the end of another, 5, 6, 7. A
ladder: the same, in the sweep. A migration: 2, 3 (open tasks follow), 7. A start: 1, 2, and what a move takes.

What leaves the order: a transaction with several turns (a sweep that rings several timers of a run, a batch with two
jobs of one run) comes from 5 back to 3 or 4, and one that asks many to confirm, or carries out `notify`, writes notices
before 5. If PostgreSQL makes one of them a deadlock's victim, nothing has happened: jobs settle again
(`jobs.running`), the sweep comes again, and doors do it again (`workflows.again`).
"""

from collections.abc import Iterable
from uuid import UUID

from accounts import prepared
from workflows import reading
from workflows.models import Instance

_FAMILY = """
WITH RECURSIVE above AS (
    SELECT id, parent_id, document_id, 0 AS up, id AS asked FROM workflows_instance WHERE id = ANY(%s::uuid[])
    UNION
    SELECT p.id, p.parent_id, p.document_id, above.up + 1, above.asked
    FROM above JOIN workflows_instance p ON p.id = above.parent_id
), placed AS MATERIALIZED (
    SELECT DISTINCT ON (a.id) a.id, a.document_id, root.id AS root,
        (SELECT max(up) FROM above WHERE asked = a.asked) - a.up AS depth
    FROM above a JOIN above root ON root.asked = a.asked AND root.parent_id IS NULL ORDER BY a.id
), papers AS MATERIALIZED (
    SELECT d.id FROM documents_document d WHERE d.id IN (SELECT document_id FROM placed)
    ORDER BY d.id FOR NO KEY UPDATE
)
SELECT i.id FROM workflows_instance i JOIN placed ON placed.id = i.id
WHERE (SELECT count(*) FROM papers) >= 0 ORDER BY placed.root, placed.depth FOR NO KEY UPDATE OF i
"""


def take(instances: Iterable[UUID | str]) -> None:
    """Lock these runs, those above them, and their documents, until the end of the transaction: one statement."""
    if ids := sorted({str(pk) for pk in instances}):
        prepared.rows(_FAMILY, [ids])


def hold(instances: Iterable[UUID | str]) -> dict[UUID, Instance]:
    """As `take`; those that were named and exist, as they are now."""
    ids = sorted({str(pk) for pk in instances})
    take(ids)
    return {found.pk: found for found in rows(ids)}


def rows(ids: Iterable[UUID | str]) -> list[Instance]:
    """Runs with all that the engine's context reads, as they are now. Whoever changes them has taken them before."""
    return reading.runs(ids)
