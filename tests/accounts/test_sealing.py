"""Seals: what was taken away from the end of a chain is missed too."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from accounts import history, sealing, tasks
from accounts.models import HistorySeal
from kmrl import celery

from .test_history import tampered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def always_due(monkeypatch):
    monkeypatch.setattr(sealing, "EVERY", timedelta(0))


def sealed() -> HistorySeal:
    seal = sealing.advance()
    assert seal is not None
    return seal


def test_seals_cover_everything_once_and_hold(always_due):
    history.record_many([history.Deed("document", name, "uploaded") for name in ("d1", "d2", "d1")])
    first = sealed()
    history.record("document", "d1", "corrected", by=None)
    second = sealed()
    assert (first.entries, second.entries) == (3, 1)
    assert first.root != second.root and len(second.root) == 64
    assert sealing.first_broken() is None


def test_nothing_new_and_nothing_due_opens_no_seal(always_due, monkeypatch):
    assert sealing.advance() is None and HistorySeal.objects.count() == 0
    history.record("document", "d1", "uploaded", by=None)
    sealed()
    assert sealing.advance() is None and HistorySeal.objects.count() == 1
    monkeypatch.setattr(sealing, "EVERY", timedelta(hours=1))
    history.record("document", "d1", "corrected", by=None)
    assert sealing.advance() is None and HistorySeal.objects.count() == 1


def test_a_last_entry_that_was_taken_away_breaks_its_seal_though_not_its_chain(always_due):
    history.record_many([history.Deed("document", "d1", "uploaded"), history.Deed("document", "d1", "corrected")])
    sealed()
    tampered("DELETE FROM accounts_historyentry WHERE sequence = 2")
    assert history.first_break("document", "d1") is None
    assert sealing.first_broken() == 1
    complaint = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_history", stdout=StringIO(), stderr=complaint)
    assert "Seal 1 does not hold" in complaint.getvalue()


def test_a_seal_waits_for_writers_that_were_under_way(always_due, monkeypatch):
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            history.record("document", "slow", "uploaded", by=None)
            written.set()
            may_commit.wait(10)
        connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert written.wait(10)
    history.record("document", "quick", "uploaded", by=None)
    monkeypatch.setattr(sealing, "PATIENCE", 0.2)
    assert sealing.advance() is None and not HistorySeal.objects.exists()
    monkeypatch.setattr(sealing, "PATIENCE", 5.0)
    threading.Timer(0.2, may_commit.set).start()
    assert sealed().entries == 2
    writer.join()
    assert sealing.first_broken() is None


def test_a_root_that_was_changed_is_found(always_due):
    history.record("document", "d1", "uploaded", by=None)
    sealed()
    history.record("document", "d1", "corrected", by=None)
    sealed()
    HistorySeal.objects.filter(number=1).update(root="0" * 64)
    assert sealing.first_broken() == 1
    HistorySeal.objects.filter(number=1).delete()
    assert sealing.first_broken() == 1


def test_the_tick_takes_a_seal_and_leaves_a_copy_in_the_log(caplog):
    history.record("document", "d1", "uploaded", by=None)
    with caplog.at_level("INFO", logger="accounts.tasks"):
        root = tasks.seal()
        assert tasks.seal() == ""
    assert root == HistorySeal.objects.get().root
    assert root in caplog.text
    assert "accounts.seal" in celery.app.tasks and "accounts.seal" in celery.TICKS
