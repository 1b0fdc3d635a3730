"""Old events go without anybody waiting: neither who writes, nor who numbers, nor who reads."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from realtime import log, pruning, sequencer
from realtime.models import Event, Head
from tests.live.conftest import alert, alerts


def age(count: int) -> None:
    Event.objects.filter(position__lte=count).update(at=timezone.now() - timedelta(days=40))


def beside(call) -> threading.Thread:
    def run() -> None:
        call()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_pruning_goes_on_beside_open_transactions_that_write_and_read(transactional_db):
    alerts(30)
    sequencer.number_events()
    age(20)
    held, over = threading.Event(), threading.Event()

    def write_for_long() -> None:
        with transaction.atomic():
            alert("told meanwhile")
            assert Event.objects.filter(position__isnull=False).count() == 30  # a snapshot, and locks to read
            held.set()
            assert over.wait(20)

    writer = beside(write_for_long)
    assert held.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    assert pruning.prune() == 20
    over.set()
    writer.join()
    assert sequencer.number_events() == 31
    close_old_connections()


def test_events_are_written_and_numbered_while_a_piece_is_being_deleted(transactional_db):
    alerts(30)
    sequencer.number_events()
    age(20)
    with transaction.atomic():
        assert pruning._delete(20) == 20  # its locks are held until the block ends

        def write() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            alert("not kept waiting")
            done.append(sequencer.number_events())

        done: list[int] = []
        beside(write).join()
        assert done == [31]


def test_pruning_takes_small_pieces_and_says_first_what_will_be_gone(transactional_db, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 8)
    alerts(30)
    sequencer.number_events()
    age(20)
    seen = []
    delete = pruning._delete

    def looked(upto: int) -> int:
        seen.append((upto, Head.objects.get().pruned_to))
        return delete(upto)

    monkeypatch.setattr(pruning, "_delete", looked)
    assert pruning.prune() == 20
    assert seen == [(8, 8), (16, 16), (20, 20)]
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == list(range(21, 31))


def test_what_a_killed_pruning_left_goes_with_the_next(transactional_db):
    alerts(30)
    sequencer.number_events()
    age(20)
    Head.objects.update(pruned_to=5)
    assert log.missed(4, keys=["system"], limit=50).reset
    assert pruning.prune() == 20


@pytest.mark.parametrize("old", [0, 3])
def test_looking_for_old_events_costs_the_same_however_many_there_are(db, old):
    alerts(50)
    sequencer.number_events()
    age(old)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert pruning.prune() == old
    assert len(asked) == (2 if old == 0 else 6)
    assert all("LIMIT" in one["sql"] or "pruned_to" in one["sql"] or "DELETE" in one["sql"] for one in asked)
