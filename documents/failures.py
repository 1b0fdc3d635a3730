"""Documents that could not be read, by cause; and reading again those where another try may help."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.models import User
from accounts.refusals import Refusal
from accounts.rights import Rights
from documents import control
from documents.models import Document, Status
from documents.visibility import DocumentQuerySet

COUNTED_TO = 10_000
AT_ONCE = 500
WORTH_ANOTHER_TRY = frozenset({"timeout", "internal"})
"""The file may be good: the machine was busy, or the fault was ours. The others would end as they did."""


@dataclass(frozen=True)
class Cause:
    code: str
    number: int
    newest: datetime | None

    @property
    def worth_another_try(self) -> bool:
        return self.code in WORTH_ANOTHER_TRY


def by_cause() -> list[Cause]:
    """The failed documents outside the bin by the cause of their newest version, most first; the newest 10,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.error_code, count(*) AS number, max(d.settled_at) FROM ("
            " SELECT newest_id, settled_at FROM documents_document WHERE status = 'failed' AND binned_at IS NULL"
            " ORDER BY settled_at DESC LIMIT %s) AS d JOIN documents_version v ON v.id = d.newest_id"
            " GROUP BY v.error_code ORDER BY number DESC, v.error_code",
            [COUNTED_TO],
        )
        return [Cause(*row) for row in cursor.fetchall()]


def of_cause(code: str) -> DocumentQuerySet:
    """The failed documents outside the bin whose newest version has this code."""
    return Document.objects.filter(status=Status.FAILED, binned_at=None, newest__error_code=code)


def read_again(*, code: str, by: User, rights: Rights) -> int:
    """Have the newest 500 that failed so read again, each in a transaction of its own; how many wait now."""
    newest = of_cause(code).order_by("-settled_at").values_list("pk", flat=True)[:AT_ONCE]
    return sum(_read_again(pk, by, rights) for pk in list(newest))


def _read_again(pk: UUID, by: User, rights: Rights) -> bool:
    try:
        control.reprocess(document_id=pk, by=by, rights=rights)
    except Refusal:  # somebody was faster, or it is not theirs
        return False
    return True
