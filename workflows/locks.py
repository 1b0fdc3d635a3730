"""Taking the rows of runs in the house's order: documents first, then runs, parents before their subflows.

A run that ends moves its parent in the same transaction, so whoever moves a run holds those above it too. They all have
the document of the topmost, whose lock is the family's: nobody waits for a subflow's row while he holds what the other
one needs.
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
