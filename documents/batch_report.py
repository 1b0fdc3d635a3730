"""What became of a batch: how many ended how and why, how long it took, and every file that was not read."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.rights import Rights
from documents.models import Batch, Document, Status
from documents.models.document import IN_WORK

REFUSED = "refused"
UNSAFE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Line:
    """One file. `code` and `detail` say why it was refused or could not be read; `seconds` from receipt to result."""

    filename: str
    outcome: str
    document: str = ""
    code: str = ""
    detail: str = ""
    pages: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Report:
    """Counts what its asker may see. `seconds`: from sending to the last result, or until now."""

    lines: list[Line]
    seconds: float
    finished: bool

    @property
    def by_outcome(self) -> dict[str, int]:
        return dict(Counter(line.outcome for line in self.lines))

    @property
    def by_code(self) -> dict[str, int]:
        return dict(Counter(line.code for line in self.lines if line.code))

    @property
    def unread(self) -> list[Line]:
        """Refused and failed ones: what somebody has to look at."""
        return [line for line in self.lines if line.code]


def report_of(batch: Batch, rights: Rights) -> Report:
    """The batch as it stands now, files in the order in which they were taken in, refused ones last."""
    known = list(
        Document.objects.visible_to(rights)
        .filter(batch=batch)
        .order_by("uploaded_at", "pk")
        .values("pk", "status", "uploaded_at", "settled_at")
        .annotate(
            filename=F("newest__original_filename"),
            code=F("newest__error_code"),
            detail=F("newest__error_detail"),
            pages=F("newest__page_count"),
        )
    )
    refused = batch.refused.order_by("pk").values_list("filename", "code", "detail")
    lines = [
        *(_line(row) for row in known),
        *(Line(filename, REFUSED, code=code, detail=detail) for filename, code, detail in refused),
    ]
    finished = not any(row["status"] in IN_WORK for row in known)
    return Report(lines, _seconds(batch, (row["settled_at"] for row in known), finished), finished)


def as_json(report: Report) -> dict[str, Any]:
    """The report of the API; what was read well is in the batch's documents already."""
    return {
        "finished": report.finished,
        "seconds": report.seconds,
        "by_outcome": report.by_outcome,
        "by_code": report.by_code,
        "unread": [
            {
                "filename": line.filename,
                "outcome": line.outcome,
                "document": line.document or None,
                "code": line.code,
                "detail": line.detail,
            }
            for line in report.unread
        ],
    }


def as_csv(report: Report) -> str:
    """A table for a spreadsheet, a file a line; what a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("File"), _("Outcome"), _("Reason"), _("What happened"), _("Pages"), _("Seconds"), _("Document")])
    for line in report.lines:
        row = [line.filename, line.outcome, line.code, line.detail, line.pages, line.seconds, line.document]
        writer.writerow(["" if cell is None else _harmless(str(cell)) for cell in row])
    return "\ufeff" + text.getvalue()  # the mark by which spreadsheets see that Malayalam names are UTF-8


def _line(row: Mapping[str, Any]) -> Line:
    settled: datetime | None = row["settled_at"]
    failed = row["status"] == Status.FAILED
    return Line(
        filename=row["filename"] or "",
        outcome=str(row["status"]),
        document=str(row["pk"]),
        code=row["code"] if failed else "",
        detail=row["detail"] if failed else "",
        pages=row["pages"],
        seconds=None if settled is None else round((settled - row["uploaded_at"]).total_seconds(), 1),
    )


def _seconds(batch: Batch, settled: Iterable[datetime | None], finished: bool) -> float:
    ends = [moment for moment in settled if moment is not None]
    until = max(ends, default=batch.created_at) if finished else timezone.now()
    return round(max((until - batch.created_at).total_seconds(), 0.0), 1)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(UNSAFE) else cell
