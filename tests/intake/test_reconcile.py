from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import history
from accounts.models import HistoryEntry
from accounts.rights import rights_of
from documents import bin, control, ledger, reconciliation, tasks
from documents.models import Document, LedgerDay
from documents.storage import key_of
from jobs.models import Job
from realtime.models import Event
from tests.intake import settling

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(send, clerk, outsider):
    """One document of every outcome."""
    made = {"in_work": send(clerk, b"1", "1.txt"), "awaiting": send(clerk, b"1", "2.txt")}
    made["processed"] = settling.read(send(clerk, b"3", "3.txt"), "text")
    made["duplicate"] = send(clerk, b"3", "4.txt")
    made["failed"] = settling.fail(send(clerk, b"5", "5.txt"), "damaged")
    made["cancelled"] = control.cancel(document_id=send(clerk, b"6", "6.txt").pk, by=clerk, rights=rights_of(clerk))
    gone = settling.read(send(clerk, b"7", "7.txt"), "text")
    bin.discard(document_id=gone.pk, by=clerk, rights=rights_of(clerk))
    Document.objects.filter(pk=gone.pk).update(binned_at=timezone.now() - timedelta(days=31))
    bin.empty()
    return made


def test_a_sound_house_adds_up(house, capsys):
    report = ledger.whole(deep=True)
    assert report.counts == {
        "received": 7,
        "removed": 1,
        "in_work": 2,
        "duplicates": 1,
        "processed": 1,
        "failed": 1,
        "cancelled": 1,
        "quarantined": 0,
    }
    assert report.differences == [] and report.accounted == 7
    assert not Event.objects.filter(type="system.alert").exists()
    call_command("reconcile", "--deep")
    assert "Every receipt is accounted for." in capsys.readouterr().out


def test_a_look_at_everything_that_has_no_time_says_what_it_left_and_comes_to_it_next(house, capsys, monkeypatch):
    every = [timezone.localdate() - timedelta(days=days) for days in (2, 1, 0)]
    monkeypatch.setattr(reconciliation, "days", lambda: every)
    for number in range(3):
        report = ledger.whole(within=0.0)
        assert report.left == ["2 of 3 days", "some originals"]
        assert LedgerDay.objects.count() == number + 1
    call_command("reconcile", "--minutes", "0.000001")
    said = capsys.readouterr().out
    assert "No time for" in said and "Every receipt is accounted for." not in said
    assert ledger.whole(within=60.0).left == []


def test_lost_bytes_and_changed_bytes_are_found(house, place):
    place_of = {name: place / "originals" / key_of(document.newest.blob_id) for name, document in house.items()}
    place_of["processed"].unlink()
    place_of["failed"].write_bytes(b"x")
    assert [str(found)[:20] for found in ledger.whole().differences] == ["1 × missing bytes: 4"]
    found = ledger.whole(deep=True).differences
    assert [(one.what, one.examples) for one in found] == [
        ("missing bytes", [house["processed"].newest.blob_id]),
        ("bytes that have changed", [house["failed"].newest.blob_id]),
    ]


def test_a_lost_document_a_lost_receipt_and_dead_work_are_found(house, clerk):
    lost, stuck = str(uuid4()), house["in_work"]
    history.record("document", lost, "received", by=clerk)
    Job.objects.filter(pk=stuck.job_id).update(state="succeeded")
    Job.objects.create(
        kind="document.process", subject_kind="document", subject_id=lost, created_at=timezone.now(), queue="default"
    )
    found = {one.what: one.examples for one in ledger.whole().differences}
    assert found["a receipt without its document"] == [lost]
    assert found["a document in work that nobody works on"] == [str(stuck.pk)]
    assert len(found["work on a document that does not exist"]) == 1
    assert len(found["receipts that are not accounted for"]) == 0


def test_a_copy_that_awaits_somebody_who_has_settled_is_found(house):
    Document.objects.filter(pk=house["in_work"].pk).update(status="failed")
    found = {one.what: one.examples for one in ledger.whole().differences}
    assert found["a document in work that nobody works on"] == [str(house["awaiting"].pk)]


def test_a_difference_is_told_to_the_administrators_and_ends_the_command_with_1(house, place, capsys):
    (place / "originals" / key_of(house["failed"].newest.blob_id)).unlink()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile")
    assert ended.value.code == 1 and "missing bytes" in capsys.readouterr().out
    event = Event.objects.get(type="system.alert")
    assert event.audience == ["admin"] and event.data["code"] == "reconciliation" and "missing" in event.data["detail"]


def test_the_nights_tasks_do_their_work(house):
    assert tasks.reconcile() == [] and tasks.empty_bin() == 0
    assert tasks.collect() == {"objects": 0, "waiting": 0, "requests": 0}
    assert HistoryEntry.objects.filter(action="removed").count() == 1
