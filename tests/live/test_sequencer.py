"""Numbering after commit, against writers that commit in any order."""

import random
import threading
import time

import psycopg
import pytest
from django.db import connection, transaction

from realtime import events, sequencer
from realtime.catalogue import SystemAlert
from realtime.models import Event, Head

WRITERS, ROUNDS = 10, 12


def address() -> dict:
    params = connection.get_connection_params()
    return {name: params[name] for name in ("dbname", "user", "password", "host", "port") if name in params}


def write_badly(number: int, failures: list[Exception]) -> None:
    """Transactions of random length; every fifth is rolled back; a few are much longer than the others."""
    dice = random.Random(number)
    try:
        with psycopg.connect(**address()) as link:
            for turn in range(ROUNDS):
                for part in range(dice.randint(1, 4)):
                    link.execute(
                        "INSERT INTO realtime_event (type, at, audience, data)"
                        " VALUES ('system.alert', now(), '{system}', %s::jsonb)",
                        [f'{{"writer": {number}, "turn": {turn}, "part": {part}}}'],
                    )
                    time.sleep(dice.random() * 0.004)
                time.sleep(0.2 if dice.random() < 0.05 else 0)
                if dice.random() < 0.2:
                    link.rollback()
                else:
                    link.commit()
    except psycopg.Error as error:
        failures.append(error)


def follow(seen: list[tuple[int, int]], done: threading.Event, failures: list[Exception]) -> None:
    """A tail: numbers, then reads what is new, as `realtime.tail` does."""
    try:
        with psycopg.connect(**address(), autocommit=True) as link:
            at = 0
            while True:
                last_round = done.is_set()
                last = link.execute(sequencer.NUMBER).fetchone()[0]
                rows = link.execute(
                    "SELECT position, id FROM realtime_event WHERE position > %s AND position <= %s ORDER BY position",
                    [at, last],
                ).fetchall()
                seen.extend(rows)
                at = last
                if last_round:
                    return
                time.sleep(0.001)
    except psycopg.Error as error:
        failures.append(error)


def test_every_tail_reads_every_committed_event_once_in_one_dense_order(transactional_db):
    failures: list[Exception] = []
    done, reads = threading.Event(), [[], [], []]
    tails = [threading.Thread(target=follow, args=(read, done, failures)) for read in reads]
    writers = [threading.Thread(target=write_badly, args=(number, failures)) for number in range(WRITERS)]
    for thread in [*tails, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in tails:
        thread.join()
    assert failures == []
    kept = list(Event.objects.order_by("position").values_list("position", "id"))
    assert [position for position, _ in kept] == list(range(1, len(kept) + 1))
    assert reads == [kept, kept, kept]
    assert Head.objects.get().position == len(kept)
    by_writer: dict[int, list[tuple[int, int]]] = {}
    for data in Event.objects.order_by("position").values_list("data", flat=True):
        by_writer.setdefault(data["writer"], []).append((data["turn"], data["part"]))
    assert len(by_writer) == WRITERS
    assert all(order == sorted(order) for order in by_writer.values())


def test_a_long_transaction_holds_up_nobody_and_is_told_when_it_commits(transactional_db):
    with psycopg.connect(**address()) as slow:
        slow.execute(
            "INSERT INTO realtime_event (type, at, audience, data) VALUES ('x', now(), '{system}', '{\"n\": 1}')"
        )
        with transaction.atomic():
            events.tell(SystemAlert(code="quick", level="info", detail=""), to=["system"])
        assert sequencer.number_events() == 1
        assert Event.objects.get(position=1).data["code"] == "quick"
        slow.commit()
    assert sequencer.number_events() == 2
    assert Event.objects.get(position=2).data == {"n": 1}


def test_numbering_nothing_changes_nothing(transactional_db):
    events.tell(SystemAlert(code="one", level="info", detail=""), to=["system"])
    assert [sequencer.number_events() for _ in range(3)] == [1, 1, 1]


def test_an_event_refuses_a_field_that_its_class_does_not_have():
    with pytest.raises(TypeError):
        SystemAlert(code="x", level="info", detail="", colour="red")
