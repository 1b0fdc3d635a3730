import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import psycopg
from django.db import connection
from django.utils import timezone

from jobs import leases, presence, registry, running
from jobs.models import Job, Worker
from realtime.models import Event


def test_a_dead_workers_job_waits_again(recorder, claim, lapse):
    work = recorder()
    job = work.enqueue()[0]
    claim()
    assert leases.expire_leases() == 0
    lapse()
    assert leases.expire_leases() == 1
    job.refresh_from_db()
    assert (job.state, job.attempt, job.failures[0]["code"]) == ("queued", 1, "worker_died")
    assert work.hook_names() == ["retrying"]
    assert running.drain("default") == 1
    assert [done.pk for done in work.settled] == [job.pk]


def test_a_job_that_kills_its_workers_is_dead_after_its_last_attempt(recorder, claim, lapse):
    work = recorder(max_attempts=2)
    work.enqueue()
    for _ in range(2):
        assert len(claim()) == 1
        lapse()
        leases.expire_leases()
    job = Job.objects.get()
    assert (job.state, job.error_code, len(job.failures)) == ("dead", "worker_died", 2)
    assert work.hook_names() == ["retrying", "died"]
    assert Event.objects.filter(type="job.dead").count() == 1
    assert claim() == []


def test_jobs_of_a_vanished_process_of_this_machine_need_not_lapse(recorder, claim):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    long_ago = timezone.now() - timedelta(seconds=10)
    Worker.objects.create(
        id="here:1:1", host="here", pid=process.pid, space=presence.mine().space, started_at=long_ago, seen_at=long_ago
    )
    work = recorder()
    work.enqueue()
    claim(worker="here:1:1")
    assert leases.forget_workers() == 0
    assert leases.expire_leases() == 1
    assert Job.objects.get().state == "queued"
    assert leases.forget_workers() == 1


def test_only_one_process_sweeps_at_a_time(recorder, claim, lapse):

    recorder().enqueue()
    claim()
    lapse()
    given = connection.get_connection_params()
    where = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    with psycopg.connect(**where, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [leases.LOCK])
        assert leases.sweep() == {}
        other.execute("SELECT pg_advisory_unlock(%s)", [leases.LOCK])
    assert leases.sweep()["expired"] == 1


def test_a_worker_says_in_one_statement_that_it_is_there_and_learns_what_is_wanted_of_it(db, django_assert_num_queries):
    me = replace(presence.mine(), id="here:1:1", queue="default")
    with django_assert_num_queries(1):
        registry.say_alive(me, 70)
    with django_assert_num_queries(1):
        registry.say_alive(me, 71)
    assert (me.draining, me.helping) == (False, True)  # nobody serves `low`
    other = replace(me, id="here:2:2", queue="low")
    registry.say_alive(other, 50)
    Worker.objects.filter(pk=me.id).update(draining=True)
    registry.say_alive(me, 72)
    assert (me.draining, me.helping) == (True, False)
    Worker.objects.filter(pk=other.id).update(draining=True)
    registry.say_alive(me, 73)
    assert me.helping
    assert list(Worker.objects.order_by("pk").values_list("pk", "memory_mb", "draining")) == [
        (me.id, 73, True),
        (other.id, 50, True),
    ]


def test_a_sweep_of_a_house_where_nothing_happens_asks_little(db, django_assert_max_num_queries):
    for _ in range(30):
        leases.sweep()  # each counts an hour of yesterday
    with django_assert_max_num_queries(8):
        assert set(leases.sweep().values()) == {0}
