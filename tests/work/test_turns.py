"""Claims begin behind what was claimed already, and still find everybody."""

import psycopg
import pytest
from django.db import connection, transaction

from accounts import prepared
from jobs import claiming, enqueueing, finishing, kinds, leases, polling, running, turns
from jobs.models import Job, Priority
from tests.work.conftest import set_turns

FIRST = """
EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON)
SELECT id FROM jobs_job WHERE state = 'queued' AND run_after IS NULL AND urgency = 2 AND fair_rank >= %s
ORDER BY fair_rank, id LIMIT 1
"""


@pytest.fixture
def without_lag(monkeypatch):
    monkeypatch.setattr(turns, "LAG", 0.0)
    monkeypatch.setattr(turns, "NEAR", 0.0)


def floor_of(priority=Priority.NORMAL) -> int:
    return turns.MARKS._floors[priority]


def another_connection() -> psycopg.Connection:
    given = connection.get_connection_params()
    where = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    return psycopg.connect(**where)


def test_the_floor_follows_the_turn_and_claims_go_on_above_it(recorder, claim, without_lag):
    work = recorder()
    jobs = work.enqueue(6)
    for _ in range(4):
        claim()
    turns.MARKS.look_near()
    assert (turns.now(Priority.NORMAL), floor_of()) == (4, 4)
    assert claim()[0].pk == jobs[4].pk
    assert work.enqueue()[0].fair_rank == 7


def test_a_claim_reads_nothing_of_what_was_claimed_while_a_snapshot_is_held(recorder, claim, without_lag):
    """Nobody can vacuum then, so from the beginning the index holds every claimed job; from the floor only the next."""
    work = recorder()
    with another_connection() as other:
        other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        other.execute("SELECT count(*) FROM jobs_job")
        jobs = work.enqueue(300)
        for _ in range(299):
            claim()
        turns.MARKS.look_near()
        assert floor_of() == 299
        with connection.cursor() as cursor:
            visited = []
            for floor in (turns.BOTTOM, floor_of()):
                cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
                cursor.execute("SELECT pg_stat_force_next_flush()")
                cursor.execute(FIRST.replace("BUFFERS OFF", "BUFFERS ON"), [floor])
                plan = cursor.fetchone()[0][0]["Plan"]
                visited.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
                assert plan["Actual Rows"] == 1
            cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_sort")
        assert visited[1] < visited[0]
        assert visited[1] <= 6
        assert claim()[0].pk == jobs[299].pk


def test_who_was_enqueued_by_a_slow_transaction_is_found_below_the_floor(recorder, claim, without_lag, clerk, reviewer):
    work = recorder()
    work.enqueue(20, owner=clerk)
    slow = enqueueing.Order(kind=work.kind.name, owner=reviewer)
    with transaction.atomic():
        late = enqueueing.enqueue_many([slow])[0]
        Job.objects.filter(pk=late.pk).update(state="waiting")  # nobody sees it yet
    for _ in range(20):
        claim()
    turns.MARKS.look_near()
    Job.objects.filter(pk=late.pk).update(state="queued")  # its transaction ends now
    assert late.fair_rank < floor_of()
    assert claim() == []
    turns.MARKS.look_everywhere()
    assert floor_of() == late.fair_rank
    assert claim()[0].pk == late.pk


def test_the_poll_looks_everywhere(recorder, claim, without_lag, monkeypatch):
    work = recorder()
    job = work.enqueue()[0]
    set_turns(50)
    for _ in range(2):
        turns.MARKS._look([60, 60, 60, 60])
    assert floor_of() == 50 and not claiming.waits_in("default")
    monkeypatch.setattr(polling, "_begin_work", lambda me: me.stopping.set())
    polling._poll()
    assert claiming.waits_in("default")
    assert claim()[0].pk == job.pk


def test_the_floor_stays_below_what_is_left_for_other_hands(recorder, claim, without_lag):
    """A hand kept for small files passes a large one; the floor does not."""
    work = recorder()
    large = work.enqueue(size=claiming.LARGE)[0]
    small = work.enqueue(8)
    while claim(large=False):
        pass
    turns.MARKS.look_near()
    assert turns.now(Priority.NORMAL) == small[-1].fair_rank
    assert floor_of() == large.fair_rank
    assert claim()[0].pk == large.pk


def test_what_waits_again_gets_a_rank_that_claims_still_look_at(recorder, claim, without_lag, lapse):
    work = recorder()
    job = work.enqueue()[0]
    claim()
    set_turns(90)
    lapse()
    leases.expire_leases()
    assert Job.objects.get(pk=job.pk).fair_rank == 90
    again = claim()
    set_turns(120)
    finishing.fail(work.kind, again[0], finishing.Failure("internal", "no"))
    Job.objects.update(run_after="2020-01-01T00:00Z")
    leases.promote_due()
    assert Job.objects.get(pk=job.pk).fair_rank == 120
    third = claim()
    set_turns(150)
    finishing.hand_back(work.kind, third)
    assert Job.objects.get(pk=job.pk).fair_rank == 150


def test_a_turn_never_goes_back(recorder, without_lag):
    turns.MARKS.reach(Priority.NORMAL, 40)
    turns.MARKS.look_near()
    turns.MARKS.reach(Priority.NORMAL, 30)
    turns.MARKS.look_near()
    assert turns.now(Priority.NORMAL) == 40
    assert turns.now(Priority.LOW) == 0


def test_a_look_at_the_turns_is_one_statement(recorder, claim, without_lag, django_assert_num_queries):
    work = recorder()
    work.enqueue(2)
    turns.MARKS.look_near()
    claim()
    with django_assert_num_queries(1):
        turns.MARKS.look_near()
    assert (turns.now(Priority.NORMAL), floor_of()) == (1, 1)


def test_a_new_process_knows_its_floor_after_one_look(recorder, claim):
    """What was claimed before it came is read once, however much that is: the next claim begins behind it."""
    recorder().enqueue(3)
    claim()
    turns.MARKS.look_near()
    turns.MARKS.forget()
    assert floor_of() == turns.BOTTOM
    turns.MARKS.look_near()
    assert floor_of() == 1


def test_work_without_effects_is_finished_by_the_statement_that_claims_the_next(queues, django_assert_num_queries):

    kind = kinds.register(kinds.Kind("test.plain", perform=lambda run: None))
    with transaction.atomic():
        enqueueing.enqueue_many([enqueueing.Order(kind=kind.name) for _ in range(5)])
    said = []
    original = prepared.rows
    prepared.rows = lambda sql, params: (said.append(sql), original(sql, params))[1]
    try:
        assert running.drain("default") == 5
    finally:
        prepared.rows = original
    assert sum("WITH finished" in sql for sql in said) == 5
    assert set(Job.objects.values_list("state", "percent", "attempt", "lease_until")) == {("succeeded", 100, 1, None)}
    assert not Job.objects.filter(finished_at=None).exists()


def test_a_stale_attempt_finishes_nothing_and_still_claims_on(queues, claim):

    kind = kinds.register(kinds.Kind("test.plain", perform=lambda run: None))
    with transaction.atomic():
        first, second = enqueueing.enqueue_many([enqueueing.Order(kind=kind.name) for _ in range(2)])
    job = claim()[0]
    Job.objects.filter(pk=job.pk).update(fence=7)
    following = claiming.finish_and_claim([kinds.Done(job, None)], [0.0], "default", worker="w")
    assert [found.pk for found in following] == [second.pk]
    assert Job.objects.get(pk=first.pk).state == "running"
