"""Reconciliation: every receipt is accounted for, and all work in progress is alive.

It goes by windows of ids: a document's id holds the moment of its receipt, so that a day's receipts, documents and
work are found by the ends of three indexes, and a check of one day costs the same in a house of a hundred million.
`documents.ledger` keeps what was found; `documents.stored` looks after the bytes.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

SHOWN = 20
KEPT = 200
OUTCOMES = ("removed", "in_work", "duplicates", "processed", "failed", "cancelled", "quarantined")

# One statement: one snapshot. A receipt is the first entry of a document's history, which outlives the document.
COUNTS = """
SELECT
  (SELECT count(*) FROM accounts_historyentry WHERE subject_kind = 'document' AND sequence = 1
     AND subject_id BETWEEN %(first)s AND %(last)s) AS received,
  (SELECT count(*) FROM accounts_historyentry WHERE subject_kind = 'document' AND action = 'removed'
     AND subject_id BETWEEN %(first)s AND %(last)s) AS removed,
  count(*) FILTER (WHERE status IN ('queued', 'processing')) AS in_work,
  count(*) FILTER (WHERE duplicate_of_id IS NOT NULL AND status NOT IN ('queued', 'processing')) AS duplicates,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'processed') AS processed,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'failed') AS failed,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'cancelled') AS cancelled,
  count(*) FILTER (WHERE duplicate_of_id IS NULL AND status = 'quarantined') AS quarantined
FROM documents_document WHERE id BETWEEN %(first)s::uuid AND %(last)s::uuid
"""
STUCK = "a document in work that nobody works on"
CHECKS = {
    "a receipt without its document": """
SELECT h.subject_id FROM accounts_historyentry h
WHERE h.subject_kind = 'document' AND h.sequence = 1 AND h.subject_id BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM documents_document d WHERE d.id = h.subject_id::uuid)
  AND NOT EXISTS (SELECT 1 FROM accounts_historyentry r
                  WHERE r.subject_kind = 'document' AND r.subject_id = h.subject_id AND r.action = 'removed')
""",
    "a document without its receipt": """
SELECT d.id::text FROM documents_document d
WHERE d.id BETWEEN %(first)s::uuid AND %(last)s::uuid
  AND NOT EXISTS (SELECT 1 FROM accounts_historyentry h
                  WHERE h.subject_kind = 'document' AND h.subject_id = d.id::text AND h.sequence = 1)
""",
    STUCK: """
SELECT d.id::text FROM documents_document d
WHERE d.status IN ('queued', 'processing') AND d.id BETWEEN %(first)s::uuid AND %(last)s::uuid
  AND NOT EXISTS (SELECT 1 FROM jobs_job j WHERE j.id = d.job_id
                  AND j.state IN ('queued', 'waiting', 'running', 'failed'))
  AND NOT (d.job_id IS NULL AND EXISTS (SELECT 1 FROM documents_document o WHERE o.id = d.duplicate_of_id
                  AND o.status IN ('queued', 'processing')))
""",
    "work on a document that does not exist": """
SELECT j.id::text FROM (
    SELECT id, subject_kind, subject_id FROM jobs_job WHERE state IN ('queued', 'failed')
    UNION ALL SELECT id, subject_kind, subject_id FROM jobs_job WHERE state = 'running'
    UNION ALL SELECT id, subject_kind, subject_id FROM jobs_job WHERE state = 'waiting') AS j
WHERE j.subject_kind = 'document' AND j.subject_id BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM documents_document d WHERE d.id = j.subject_id::uuid)
""",
    "a document without a version": """
SELECT id::text FROM documents_document
WHERE newest_id IS NULL AND id BETWEEN %(first)s::uuid AND %(last)s::uuid
""",
    "a processed document whose text is that of no version": """
SELECT id::text FROM documents_document
WHERE status = 'processed' AND readable_id IS NULL AND id BETWEEN %(first)s::uuid AND %(last)s::uuid
""",
}
"""By what is wrong; each gives the ids of what it is wrong with."""


@dataclass(frozen=True)
class Window:
    """Ids from `first` to `last`, both included, as text (which sorts as they do)."""

    first: str = str(UUID(int=0))
    last: str = str(UUID(int=2**128 - 1))

    def bounds(self) -> dict[str, str]:
        return asdict(self)


@dataclass
class Difference:
    """What is wrong, with how many and the first of them."""

    what: str
    count: int
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        more = " …" if self.count > min(len(self.examples), SHOWN) else ""
        return f"{self.count} × {self.what}: {', '.join(self.examples[:SHOWN])}{more}"

    def note(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < KEPT:
            self.examples.append(example)


@dataclass
class Report:
    """The counts by outcome, and everything that does not add up; `left`, what there was no time to look at."""

    counts: dict[str, int]
    differences: list[Difference]
    left: list[str] = field(default_factory=list)

    @property
    def accounted(self) -> int:
        return sum(self.counts[name] for name in OUTCOMES)

    def add(self, other: "Report") -> None:
        self.counts = {name: self.counts.get(name, 0) + count for name, count in other.counts.items()}
        for found in other.differences:
            same = next((one for one in self.differences if one.what == found.what), None)
            if same is None:
                self.differences.append(Difference(found.what, found.count, list(found.examples)))
            else:
                same.count += found.count
                same.examples = [*same.examples, *found.examples][:KEPT]


def of_day(day: date) -> Window:
    """What was received on that day of the house's calendar."""
    begin, end = _midnight(day), _midnight(day + timedelta(days=1))
    return Window(str(UUID(int=_milliseconds(begin) << 80)), str(UUID(int=(_milliseconds(end) << 80) - 1)))


def day_of(pk: str) -> date | None:
    """The day of the house's calendar on which an id was made; None where it does not say."""
    found = UUID(pk)
    if found.version != 7:
        return None
    return timezone.localdate(datetime.fromtimestamp((found.int >> 80) / 1000, UTC))


def days() -> list[date]:
    """Every day from the first receipt to today."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(subject_id) FROM accounts_historyentry WHERE subject_kind = 'document'")
        first = (cursor.fetchone() or [None])[0]
        cursor.execute("SELECT id::text FROM documents_document ORDER BY id LIMIT 1")
        also = cursor.fetchone()
    begun = [day for pk in (first, *(also or ())) if pk and (day := day_of(pk))]
    begin = min([today, *begun])
    return [begin + timedelta(days=n) for n in range((today - begin).days + 1)]


def look(window: Window) -> Report:
    """Account for the receipts of a window. Reads only."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, window.bounds())
        names = [column.name for column in cursor.description or ()]
        report = Report(dict(zip(names, cursor.fetchone() or (), strict=True)), [])
    if (missing := report.counts["received"] - report.accounted) != 0:
        report.differences.append(Difference("receipts that are not accounted for", abs(missing)))
    report.differences += [found for what, sql in CHECKS.items() if (found := _check(what, sql, window))]
    return report


def _check(what: str, sql: str, window: Window) -> Difference | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found, count(*) OVER () FROM ({sql}) AS all_found (found) LIMIT {KEPT}",  # noqa: S608
            window.bounds(),
        )
        rows: list[Any] = cursor.fetchall()
    return Difference(what, rows[0][1], [str(found) for found, _ in rows]) if rows else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
