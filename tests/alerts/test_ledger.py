"""The receipt ledger: each day's receipts, what does not add up, and that a day costs the same in a large house."""

import os
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import history
from accounts.models import HistoryEntry
from accounts.refusals import NotAllowed
from documents import ledger, reconciliation, stored, tasks
from documents.models import Document, LedgerDay, StorageRound
from documents.storage import key_of, originals
from jobs import running
from jobs.models import Alert, Job
from tests.alerts.conftest import open_names
from tests.intake import settling
from tests.intake.conftest import send  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def paper(send, clerk) -> Document:  # noqa: F811
    return settling.read(send(clerk, b"one", "1.txt"), "text")


def made_on(day: date) -> str:
    """An id of a receipt of that day, at noon."""
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=6)
    return str(UUID(int=(int(at.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | 1))


def test_a_day_holds_its_receipts_and_no_others(paper, clerk):
    yesterday = TODAY() - timedelta(days=1)
    history.record("document", made_on(yesterday), "received", by=clerk)
    today = ledger.check(TODAY())
    assert (today.counts["received"], today.counts["processed"], today.differences) == (1, 1, [])
    assert (today.bytes_checked, today.bytes_all) == (1, 1)
    before = ledger.check(yesterday)
    assert before.counts["received"] == 1 and before.counts["processed"] == 0
    assert [(d["what"], d["count"]) for d in before.differences] == [
        ("receipts that are not accounted for", 1),
        ("a receipt without its document", 1),
    ]
    assert reconciliation.days()[0] == yesterday
    assert reconciliation.day_of(str(paper.pk)) == TODAY() and reconciliation.day_of(str(uuid4())) is None


def test_a_difference_is_alerted_once_and_over_when_it_is_mended(paper, clerk):
    receipt = history.record("document", made_on(TODAY()), "received", by=clerk)
    for _ in range(3):
        ledger.check(TODAY())
    assert open_names() == [f"reconciliation ({TODAY()})"]
    assert Alert.objects.count() == 1 and receipt.subject_id in Alert.objects.get().text
    history.record("document", receipt.subject_id, "removed", by=clerk)  # what was forgotten when it went
    ledger.check(TODAY())
    assert open_names() == [] and Alert.objects.get().cleared_at is not None
    assert LedgerDay.objects.get().checks == 4


def test_the_night_checks_what_is_due_and_then_the_oldest(paper, clerk):
    old = TODAY() - timedelta(days=40)
    history.record("document", made_on(old), "received", by=clerk)
    checked = [one.day for one in ledger.nightly()]
    assert checked[:2] == [TODAY(), TODAY() - timedelta(days=1)] and len(checked) == 41
    again = [one.day for one in ledger.nightly()]
    assert again == [TODAY(), TODAY() - timedelta(days=1), old]  # it did not add up
    LedgerDay.objects.filter(day=old + timedelta(days=3)).update(checked_at=timezone.now() - timedelta(days=8))
    assert ledger.nightly()[-1].day == old + timedelta(days=3)
    assert [one.day for one in ledger.nightly(budget=0)] == [TODAY()]  # at least one
    assert tasks.reconcile() != [] and tasks.reconcile_today() == []


def test_a_day_is_found_by_the_ends_of_indexes(paper):
    """Not by reading the house: each part of a day's check has an index condition on the window."""
    window = reconciliation.of_day(TODAY()).bounds()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for what, sql in {"counts": reconciliation.COUNTS, **reconciliation.CHECKS}.items():
            cursor.execute(f"EXPLAIN {sql}", window)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Index Cond" in plan and "Seq Scan on documents_document" not in plan, (what, plan)
            assert "Seq Scan on accounts_historyentry" not in plan, (what, plan)


def test_of_many_originals_a_sample_is_looked_for_and_it_says_so(send, clerk, monkeypatch):  # noqa: F811
    for n in range(5):
        send(clerk, b"%d" % n, f"{n}.txt")
    monkeypatch.setattr(stored, "SAMPLE", 2)
    monkeypatch.setattr(stored.of_window, "__kwdefaults__", {"at_most": 2})
    row = ledger.check(TODAY())
    assert (row.bytes_checked, row.bytes_all) == (2, 5)


def test_a_walk_in_slices_finds_rows_without_objects_and_objects_without_rows(
    send,  # noqa: F811
    clerk,
    place,
    monkeypatch,
):
    papers = [send(clerk, b"%d" % n, f"{n}.txt") for n in range(7)]
    lost = sorted(paper.newest.blob_id for paper in papers)[4]
    (place / "originals" / key_of(lost)).unlink()
    stray = place / "originals" / key_of("5" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"nobody's")
    monkeypatch.setattr(stored, "SLICE", 3)
    rounds = [stored.walk() for _ in range(3)]
    assert {one.number for one in rounds} == {1} and rounds[0].reached < rounds[1].reached
    one = stored.walk(slices=9) if rounds[-1].ended_at is None else rounds[-1]
    assert (one.seen_rows, one.seen_objects) == (7, 7)
    assert [(d["what"], d["examples"]) for d in one.differences] == [("missing bytes", [lost])]  # the stray is young
    os.utime(stray, (1, 1))
    two = stored.walk(slices=9)
    assert two.number == 2 and two.ended_at is not None
    found = {d["what"]: d["examples"] for d in two.differences}
    assert found == {"missing bytes": [lost], "bytes that no document has": ["5" * 64]}
    ledger.walked(two)
    assert open_names() == ["reconciliation (storage)"]


def test_a_clean_walk_clears_what_an_earlier_one_has_raised(paper, place):
    bytes_of = place / "originals" / key_of(paper.newest.blob_id)
    content = bytes_of.read_bytes()
    bytes_of.unlink()
    ledger.nightly()
    assert "reconciliation (storage)" in open_names()
    bytes_of.write_bytes(content)
    ledger.nightly()
    assert open_names() == [] and StorageRound.objects.count() == 2


def test_listing_goes_on_from_a_key(send, clerk):  # noqa: F811
    for n in range(6):
        send(clerk, b"%d" % n, f"{n}.txt")
    keys = [key for key, _ in originals().listed()]
    assert keys == sorted(keys) and len(keys) == 6
    assert [key for key, _ in originals().listed(after=keys[2])] == keys[3:]


def test_what_can_be_mended_without_a_risk_is_mended(send, clerk, place):  # noqa: F811
    stuck = send(clerk, b"1", "1.txt")
    Job.objects.filter(pk=stuck.job_id).update(state="succeeded")
    with pytest.raises(SystemExit):
        call_command("reconcile")
    call_command("reconcile", "--fix")
    stuck.refresh_from_db()
    assert stuck.job.state == "queued" and stuck.status == "queued"
    assert HistoryEntry.objects.filter(subject_id=str(stuck.pk), action="reprocessed", actor=None).count() == 1
    assert open_names() == []


def test_the_command_looks_at_one_day(paper, capsys):
    call_command("reconcile", "--day", TODAY().isoformat())
    said = capsys.readouterr().out
    assert "1 of 1 originals looked for" in said and "accounted for" in said


def test_the_page_shows_days_and_names_documents_with_links(paper, administrator, auditor, clerk):
    Document.objects.filter(pk=paper.pk).update(readable=None)
    ledger.check(TODAY())
    client = Client()
    client.force_login(administrator)
    listed = client.get(reverse("admin:documents_ledgerday_changelist")).content.decode()
    assert "does not add up" in listed and "all 1 looked for" in listed and "Check now" in listed
    shown = client.get(reverse("admin:documents_ledgerday_change", args=[TODAY()])).content.decode()
    assert reverse("admin:documents_document_change", args=[paper.pk]) in shown
    assert "1 received = 0 removed" in shown and "(&#x27;" not in shown
    client.force_login(auditor)
    assert "Check now" not in client.get(reverse("admin:documents_ledgerday_changelist")).content.decode()
    client.force_login(clerk)
    assert client.get(reverse("admin:documents_ledgerday_changelist")).status_code in (302, 403)


def test_check_now_is_a_job_that_administrators_ask_for(paper, administrator, auditor, clerk, inline_jobs):
    client = Client()
    client.force_login(auditor)
    assert client.post(reverse("admin:documents_ledgerday_check")).status_code == 403
    with pytest.raises(NotAllowed):
        ledger.ask_for(day=TODAY(), by=clerk)
    client.force_login(administrator)
    assert client.get(reverse("admin:documents_ledgerday_check")).status_code == 403
    assert client.post(reverse("admin:documents_ledgerday_check")).status_code == 302
    running.drain("default")
    assert Job.objects.get(kind="ledger.check").state == "succeeded"
    assert LedgerDay.objects.get().day == TODAY()
