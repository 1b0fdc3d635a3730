"""The receipt ledger: what each day received and where it is now, kept by day; what does not add up is alerted.

Each night (and each hour for today) a bounded number of days is checked: yesterday and today, days with documents in
work, days that did not add up, and, while there is time, those that were checked longest ago. A day of 250,000 receipts
takes some 2.5 s.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import history
from accounts.models import User
from accounts.refusals import NotAllowed
from accounts.rights import Action, Rights, rights_of
from documents import collecting, control, orders, reconciliation, stored
from documents.models import Document, LedgerDay, StorageRound
from documents.models.document import IN_WORK
from documents.reconciliation import Difference, Report, Window
from jobs import enqueueing
from jobs.alerts import raising
from jobs.alerts.readings import Reading
from jobs.kinds import Done, Kind
from jobs.models import Alert, Job
from jobs.models.job import UNFINISHED
from jobs.run import Run

ALERT = "reconciliation"
STORAGE, STRAYS = "storage", "originals without a document"
SHARED, BESIDE = "place of originals", "other gateways that keep originals in the same place"
BUDGET = 480.0  # seconds of a night
SLICES = 20  # of a night: 200,000 originals
DAYS_IN_WORK = 60
AGAIN_AFTER = timedelta(days=7)


def check(day: date) -> LedgerDay:
    """Account for one day's receipts and look for (a sample of) their originals; keep and alert what was found."""
    began = time.monotonic()
    window = reconciliation.of_day(day)
    report = reconciliation.look(window)
    missing, looked, of = stored.of_window(window)
    report.differences += missing
    return _keep(day, report, seconds=time.monotonic() - began, bytes_checked=looked, bytes_all=of)


def nightly(*, budget: float = BUDGET) -> list[LedgerDay]:
    """A night's work, bounded by time; the days that were checked."""
    until = time.monotonic() + budget
    checked: list[LedgerDay] = []
    for day in [*_due(), *_longest_ago()]:
        if checked and time.monotonic() > until:
            break
        checked.append(check(day))
    walked(stored.walk(slices=SLICES))
    return checked


def whole(*, deep: bool = False, within: float = math.inf) -> Report:
    """Everything at once: every day, ids from before and after them, and every original.

    Takes its time, or about `within` seconds: then the days that were checked longest ago come first, and the report
    says what is left.
    """
    report, until = Report({}, []), time.monotonic() + within
    every = reconciliation.days()
    checked = dict(LedgerDay.objects.values_list("day", "checked_at"))
    due = sorted(every, key=lambda day: (day in checked, checked.get(day), day)) if within < math.inf else every
    for number, day in enumerate(due):
        if number and time.monotonic() > until:
            report.left.append(f"{len(due) - number:,} of {len(due):,} days")
            break
        began = time.monotonic()
        first, last = day == every[0], day == every[-1]
        window = reconciliation.of_day(day)
        window = Window(Window.first if first else window.first, Window.last if last else window.last)
        found = reconciliation.look(window)
        _keep(day, found, seconds=time.monotonic() - began)
        report.add(found)
    missing, every_one = stored.of_all(deep=deep, until=until)
    _alert(STORAGE, missing, over=every_one)
    report.differences += missing
    report.left += [] if every_one else ["some originals"]
    if every_one:
        strays, all_strays = stored.waiting_strays(until=until)
        _alert(STRAYS, strays, over=all_strays)
        report.differences += strays
        report.left += [] if all_strays else ["some originals"]
    return report


def collect() -> collecting.Collected:
    """Have strays collected; those that wait for a person are alerted."""
    found = collecting.collect()
    _alert(SHARED, [Difference(BESIDE, len(found.beside), list(found.beside))] if found.beside else [])
    if found.beside:
        return found
    _alert(STRAYS, stored.waiting_strays()[0] if found.waiting else [])
    return found


def walked(one: StorageRound) -> None:
    """Alert what a walk through storage has found."""
    _alert(STORAGE, [Difference(**part) for part in one.differences], over=one.ended_at is not None)


def mend(report: Report, *, all_strays: bool = False) -> dict[str, int]:
    """What can be mended without a risk: stray bytes are removed, and stuck documents are read again.

    `all_strays` takes the risk as well: bytes of papers that came in after a backup that was restored are removed, too.
    """
    stuck = [pk for found in report.differences if found.what == reconciliation.STUCK for pk in found.examples]
    found = collecting.collect(all_strays=all_strays)
    if found.beside:
        return {f"{BESIDE}, so that nothing was collected": len(found.beside)}
    return {
        "stray bytes removed": found.removed,
        "stray bytes that stay": found.waiting,
        "documents read again": sum(map(_read_again, stuck)),
    }


def ask_for(*, day: date, by: User, rights: Rights | None = None) -> Job:
    """Have a day checked now, by a worker. Raises NotAllowed."""
    if not (rights or rights_of(by)).may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators have the ledger checked.")
    with transaction.atomic():
        job = enqueueing.enqueue(KIND.name, payload={"day": day.isoformat()}, owner=by)
        history.record("job", job.pk, "asked", by=by, after={"day": day.isoformat()})
    return job


def _due() -> list[date]:
    """Days that are checked each time, the newest first."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('day', uploaded_at AT TIME ZONE %s)::date AS day FROM documents_document"
            " WHERE status IN ('queued', 'processing') ORDER BY day DESC LIMIT %s",
            [timezone.get_current_timezone_name(), DAYS_IN_WORK],
        )
        in_work = {day for (day,) in cursor.fetchall()}
    unsound = set(LedgerDay.objects.exclude(differences=[]).values_list("day", flat=True)[:DAYS_IN_WORK])
    return sorted({today, today - timedelta(days=1)} | in_work | unsound, reverse=True)


def _longest_ago() -> list[date]:
    """Days that were never checked, then those that were checked longest ago (a week at least)."""
    known = dict(LedgerDay.objects.values_list("day", "checked_at"))
    due = set(_due())
    new = [day for day in reversed(reconciliation.days()) if day not in known and day not in due]
    before = timezone.now() - AGAIN_AFTER
    old = sorted((at, day) for day, at in known.items() if at < before and day not in due)
    return [*new, *(day for _at, day in old)]


def _keep(day: date, report: Report, *, seconds: float, **looked: int) -> LedgerDay:
    row, _made = LedgerDay.objects.get_or_create(day=day, defaults={"checked_at": timezone.now()})
    row.counts, row.differences = report.counts, [asdict(found) for found in report.differences]
    row.checked_at, row.seconds, row.checks = timezone.now(), round(seconds, 3), row.checks + 1
    for name, value in looked.items():
        setattr(row, name, value)
    row.save()
    _alert(day.isoformat(), report.differences)
    return row


def _alert(subject: str, differences: Sequence[Difference], *, over: bool = True) -> None:
    """Raise for what does not add up, once; clear when it does again (`over`: the look was a whole one)."""
    is_open = Alert.objects.filter(name=ALERT, subject=subject, cleared_at=None).exists()
    if not differences and not (is_open and over):
        return
    text = _("Receipts and documents do not add up (%(subject)s): %(what)s. Look at the receipt ledger.") % {
        "subject": subject,
        "what": "; ".join(map(str, differences)),
    }
    number = float(sum(found.count for found in differences))
    raising.settle_now(Reading(name=ALERT, subject=subject, value=number, threshold=1, calm=1, text=text[:2000]))


def _read_again(pk: str) -> bool:
    """Whether it was still stuck under its lock."""
    with transaction.atomic():
        document = control.locked(Document.objects.get(pk=pk).pk)
        jobs = Job.objects.filter(pk__in=[document.job_id] if document.job_id else [], state__in=UNFINISHED)
        if document.status not in IN_WORK or document.newest is None or jobs.exists():
            return False
        document.job = enqueueing.enqueue_many([orders.reading(document, document.newest, by=document.uploaded_by)])[0]
        document.save(update_fields=["job_id"])
        history.record("document", document.pk, "reprocessed", by=None, note="found by reconciliation")
    return True


def _perform(run: Run) -> str:
    check(date.fromisoformat(run.payload["day"]))
    return str(run.payload["day"])


def _settle(done: Sequence[Done]) -> None:
    """Nothing: the check has kept what it found, and does the same when it is done twice."""


KIND = Kind(name="ledger.check", perform=_perform, settle=_settle)
