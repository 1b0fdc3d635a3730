import threading
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from jobs import claiming, control, enqueueing, leases, running, turns
from jobs.models import Job, Priority
from tests.work.conftest import set_turns


def order_of(jobs):
    return [job.pk for job in jobs]


def test_no_job_is_claimed_twice_by_eight_threads(recorder):
    work = recorder(batch=4, short=lambda job: True)
    expected = {job.pk for job in work.enqueue(200)}
    claimed, guard = [], threading.Lock()

    def take() -> None:
        try:
            while True:
                with transaction.atomic():
                    jobs = claiming.claim("default", worker=threading.current_thread().name)
                if not jobs:
                    return
                with guard:
                    claimed.extend(job.pk for job in jobs)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 200
    assert set(claimed) == expected
    assert set(Job.objects.values_list("state", "attempt", "fence")) == {("running", 1, 1)}


def test_the_more_urgent_goes_first_whatever_its_age(recorder, claim):
    work = recorder()
    low, normal, high, emergency = (
        work.enqueue(priority=p)[0] for p in (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.EMERGENCY)
    )
    assert [claim("low")[0].pk for _ in range(4)] == order_of([emergency, high, normal, low])


def test_an_emergency_behind_500_waiting_jobs_starts_next(recorder, claim):
    work = recorder()
    work.enqueue(500)
    emergency = work.enqueue(priority=Priority.EMERGENCY)[0]
    assert claim("default")[0].pk == emergency.pk


def test_each_worker_serves_its_queue_and_what_is_more_urgent(recorder, claim):
    work = recorder()
    work.enqueue(priority=Priority.NORMAL)
    work.enqueue(priority=Priority.LOW)
    assert claim("high") == []
    assert claim("default")[0].priority == Priority.NORMAL
    assert claim("default") == []
    assert claim("low")[0].priority == Priority.LOW


def test_one_invoice_does_not_wait_for_200_scans_of_another(recorder, claim, clerk, reviewer):
    work = recorder()
    work.enqueue(200, owner=clerk)
    for _ in range(50):
        claim()
    turns.MARKS.look_near()
    invoice = work.enqueue(owner=reviewer)[0]
    assert invoice.fair_rank == 51
    claimed = [claim()[0].pk for _ in range(2)]
    assert invoice.pk in claimed


def test_two_owners_take_turns(recorder, claim, clerk, reviewer):
    work = recorder()
    work.enqueue(5, owner=clerk)
    work.enqueue(5, owner=reviewer)
    owners = [claim()[0].owner_id for _ in range(10)]
    assert all({owners[i], owners[i + 1]} == {clerk.pk, reviewer.pk} for i in range(0, 10, 2))


def test_ranks_go_on_from_the_owners_last_that_waits(recorder, clerk):
    work = recorder()
    assert [job.fair_rank for job in work.enqueue(3, owner=clerk)] == [1, 2, 3]
    assert [job.fair_rank for job in work.enqueue(2, owner=clerk)] == [4, 5]
    assert [job.fair_rank for job in work.enqueue(1)] == [1]


def test_a_large_file_moves_its_owner_on_by_several_places(recorder, clerk, reviewer, claim):
    work = recorder()
    scan = work.enqueue(owner=clerk, size=80 << 20)[0]
    small = work.enqueue(3, owner=reviewer)
    assert [claim()[0].pk for _ in range(4)] == [*order_of(small), scan.pk]


def test_a_hand_kept_for_small_files_leaves_large_ones(recorder, claim):
    work = recorder()
    large = work.enqueue(size=claiming.LARGE)[0]
    small = work.enqueue(size=1000)[0]
    assert claim(large=False)[0].pk == small.pk
    assert claim(large=False) == []
    assert claim()[0].pk == large.pk


def test_a_batch_holds_short_jobs_of_one_kind_and_urgency(recorder, claim):
    short = recorder(batch=16, short=lambda job: job.payload["n"] != 2)
    other = recorder(batch=16, short=lambda job: True)
    for _ in range(20):
        claiming.remember_pace(short.kind.name, 0.0001)
    jobs = short.enqueue(4)
    other.enqueue(2)
    short.enqueue(1, priority=Priority.LOW)
    first = claim("low")
    assert [job.payload["n"] for job in first] == [0, 1, 3]
    assert {job.kind for job in first} == {short.kind.name}
    assert {job.priority for job in first} == {Priority.NORMAL}
    rest = [claim("low") for _ in range(3)]
    assert [len(batch) for batch in rest] == [2, 1, 1] or [len(batch) for batch in rest] == [1, 2, 1]
    assert Job.objects.get(pk=jobs[2].pk).state == "running"


def test_batches_shrink_to_about_a_fifth_of_a_second_of_work(recorder, claim):
    work = recorder(batch=16, short=lambda job: True)
    claiming.remember_pace(work.kind.name, 0.08)
    work.enqueue(20)
    assert len(claim()) == 2


def test_a_paused_queue_gives_nothing_and_the_others_go_on(recorder, claim, administrator):
    work = recorder()
    work.enqueue()
    urgent = work.enqueue(priority=Priority.HIGH)[0]
    control.pause(queue="default", by=administrator)
    assert claim("low")[0].pk == urgent.pk
    assert claim("low") == []
    assert not claiming.waits_in("low")
    control.resume(queue="default", by=administrator)
    assert len(claim("low")) == 1


def test_a_postponed_job_waits_for_its_time(recorder, claim):
    work = recorder()
    soon = work.enqueue(run_after=timezone.now() + timedelta(hours=1))[0]
    assert claim() == []
    Job.objects.filter(pk=soon.pk).update(run_after=timezone.now() - timedelta(seconds=1))
    assert claim() == []
    assert leases.promote_due() == 1
    assert claim()[0].pk == soon.pk


def test_half_an_hour_of_waiting_lifts_one_priority(recorder):
    work = recorder()
    old, young = work.enqueue(2, priority=Priority.LOW)
    set_turns(70)
    Job.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=31))
    assert leases.lift_now() == 1
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.urgency, old.queue, old.fair_rank, old.priority) == (Priority.NORMAL, "default", 71, Priority.LOW)
    assert (young.urgency, young.queue) == (Priority.LOW, "low")
    assert leases.lift_now() == 0
    Job.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=5))
    leases.lift_now()
    old.refresh_from_db()
    assert old.urgency == Priority.HIGH  # never an emergency


def test_a_kind_that_this_process_does_not_know_is_left_to_others(recorder, claim):
    work = recorder()
    job = work.enqueue()[0]
    Job.objects.filter(pk=job.pk).update(kind="of.tomorrow")
    assert claim() == []
    assert running.drain("default") == 0
    assert Job.objects.get().state == "queued"


def test_enqueueing_many_is_one_statement(recorder, django_assert_num_queries, clerk):
    work = recorder()
    orders = [enqueueing.Order(kind=work.kind.name, owner=clerk) for _ in range(64)]
    with transaction.atomic(), django_assert_num_queries(1):
        jobs = enqueueing.enqueue_many(orders)
    assert [job.fair_rank for job in jobs] == list(range(1, 65))
