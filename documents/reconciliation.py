"""Reconciliation: every receipt is accounted for, every version's bytes are there, all work in progress is alive."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection

from documents.models import Blob
from documents.storage import key_of, originals, sha256_of
from realtime import audiences, events
from realtime.catalogue import SystemAlert

SHOWN = 20

# One statement: one snapshot. A receipt is the first entry of a document's history, which outlives the document.
COUNTS = """
SELECT
  (SELECT count(*) FROM accounts_historyentry WHERE subject_kind = 'document' AND sequence = 1) AS received,
  (SELECT count(*) FROM accounts_historyentry WHERE subject_kind = 'document' AND action = 'removed') AS removed,
  count(*) FILTER (WHERE status IN ('queued', 'processing')) AS in_work,
  count(*) FILTER (WHERE duplicate_of_id IS NOT NULL AND status NOT IN ('queued', 'processing')) AS duplicates,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'processed') AS processed,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'failed') AS failed,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'cancelled') AS cancelled,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'quarantined') AS quarantined
FROM documents_document
"""
CHECKS = {
    "a receipt without its document": """
SELECT h.subject_id FROM accounts_historyentry h
WHERE h.subject_kind = 'document' AND h.sequence = 1
  AND NOT EXISTS (SELECT 1 FROM documents_document d WHERE d.id = h.subject_id::uuid)
  AND NOT EXISTS (SELECT 1 FROM accounts_historyentry r
                  WHERE r.subject_kind = 'document' AND r.subject_id = h.subject_id AND r.action = 'removed')
""",
    "a document without its receipt": """
SELECT d.id::text FROM documents_document d
WHERE NOT EXISTS (SELECT 1 FROM accounts_historyentry h
                  WHERE h.subject_kind = 'document' AND h.subject_id = d.id::text AND h.sequence = 1)
""",
    "a document in work that nobody works on": """
SELECT d.id::text FROM documents_document d
WHERE d.status IN ('queued', 'processing')
  AND NOT EXISTS (SELECT 1 FROM jobs_job j WHERE j.id = d.job_id
                  AND j.state IN ('queued', 'waiting', 'running', 'failed'))
  AND NOT (d.job_id IS NULL AND EXISTS (SELECT 1 FROM documents_document o WHERE o.id = d.duplicate_of_id
                  AND o.status IN ('queued', 'processing')))
""",
    "work on a document that does not exist": """
SELECT j.id::text FROM jobs_job j
WHERE j.subject_kind = 'document' AND j.state IN ('queued', 'waiting', 'running', 'failed')
  AND NOT EXISTS (SELECT 1 FROM documents_document d WHERE d.id = j.subject_id::uuid)
""",
    "a document without a version": """
SELECT id::text FROM documents_document WHERE newest_id IS NULL
""",
    "a processed document whose text is that of no version": """
SELECT id::text FROM documents_document WHERE status = 'processed' AND readable_id IS NULL
""",
}


@dataclass
class Difference:
    """What is wrong, with how many and the first few of them."""

    what: str
    count: int
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        more = " …" if self.count > len(self.examples) else ""
        return f"{self.count} × {self.what}: {', '.join(self.examples)}{more}"


@dataclass
class Report:
    """The counts by outcome, and everything that does not add up."""

    counts: dict[str, int]
    differences: list[Difference]

    @property
    def accounted(self) -> int:
        return sum(count for name, count in self.counts.items() if name != "received")


def reconcile(*, deep: bool = False) -> Report:
    """Look at everything; `deep` also reads and hashes all bytes. A difference is told to the administrators."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        names = [column.name for column in cursor.description or ()]
        report = Report(dict(zip(names, cursor.fetchone() or (), strict=True)), [])
    if (missing := report.counts["received"] - report.accounted) != 0:
        report.differences.append(Difference("receipts that are not accounted for", abs(missing)))
    report.differences += [found for what, sql in CHECKS.items() if (found := _check(what, sql))]
    report.differences += _bytes(deep)
    if report.differences:
        said = "; ".join(map(str, report.differences))
        events.tell(SystemAlert(code="reconciliation", level="error", detail=said[:2000]), to=[audiences.ADMIN])
    return report


def _check(what: str, sql: str) -> Difference | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT found, count(*) OVER () FROM ({sql}) AS all_found (found) LIMIT {SHOWN}")  # noqa: S608
        rows = cursor.fetchall()
    return Difference(what, rows[0][1], [str(found) for found, _ in rows]) if rows else None


def _bytes(deep: bool) -> Iterator[Difference]:
    missing, changed = Difference("missing bytes", 0), Difference("bytes that have changed", 0)
    for sha256 in Blob.objects.filter(versions__isnull=False).distinct().values_list("pk", flat=True).iterator():
        if not originals().exists(key_of(sha256)):
            _note(missing, sha256)
        elif deep and not _is_intact(sha256):
            _note(changed, sha256)
    yield from (found for found in (missing, changed) if found.count)


def _is_intact(sha256: str) -> bool:
    with originals().open(key_of(sha256)) as file:
        return sha256_of(file)[0] == sha256


def _note(difference: Difference, sha256: str) -> None:
    difference.count += 1
    if len(difference.examples) < SHOWN:
        difference.examples.append(sha256)
