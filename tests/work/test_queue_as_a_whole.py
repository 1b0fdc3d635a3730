"""Enqueue, claim, heartbeat, die, finish, fail, cancel, retry, pause in any order, against the real database."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.refusals import IllegalMove
from jobs import claiming, enqueueing, finishing, kinds, leases, unasked
from jobs.finishing import Failure
from jobs.kinds import Done, Kind
from jobs.models import Job, Priority, Queue

KIND = "test.whole"
MOST = 3
ENDED = {"succeeded", "dead", "cancelled"}
LEAST = {"high": 1, "default": 2, "low": 3}
PICK = st.integers(0, 999)  # drawn before anything is looked up: ids hold chance, and a replay must draw the same


class TheQueue(RuleBasedStateMachine):
    """Keeps what it was told of each job beside what the database says."""

    seen: Counter = Counter()  # over all runs: how many jobs were found in which state

    @initialize()
    def empty(self) -> None:
        Job.objects.all().delete()
        Queue.objects.update(paused=False)
        self.known: set = set()
        self.attempts: list[Job] = []  # as claimed, stale ones included
        self.effects: Counter = Counter()
        self.rounds: Counter = Counter()  # how often a job was asked for: 1 and each retry
        self.kind = Kind(
            KIND,
            perform=lambda run: None,
            settle=lambda done: self.effects.update(one.job.pk for one in done),
            batch=3,
            short=lambda job: job.payload["short"],
            max_attempts=MOST,
        )
        kinds._kinds[KIND] = self.kind

    @rule(number=st.integers(1, 2), priority=st.sampled_from(Priority), short=st.booleans())
    def enqueue(self, number: int, priority: Priority, short: bool) -> None:
        order = enqueueing.Order(kind=KIND, payload={"short": short}, priority=priority)
        with transaction.atomic():
            jobs = enqueueing.enqueue_many([order] * number)
        self.known |= {job.pk for job in jobs}
        self.rounds.update(job.pk for job in jobs)

    @rule(queue=st.sampled_from(sorted(LEAST)))
    def claim(self, queue: str) -> None:
        paused = set(Queue.objects.filter(paused=True).values_list("name", flat=True))
        waiting = Job.objects.filter(state="queued", run_after=None, urgency__lte=LEAST[queue]).exclude(
            queue__in=paused
        )
        first = waiting.order_by("urgency", "fair_rank", "id").first()
        with transaction.atomic():
            jobs = claiming.claim(queue, worker="w")
        assert [job.pk for job in jobs[:1]] == ([first.pk] if first else [])
        assert len(jobs) == 1 or all(job.short and job.urgency == jobs[0].urgency for job in jobs)
        self.attempts += jobs

    def an_attempt(self, pick: int) -> Job:
        """Rather one, current or stale, of a job that somebody runs now: there it matters whose attempt it is."""
        running = set(Job.objects.filter(state="running").values_list("pk", flat=True))
        among = [job for job in self.attempts if job.pk in running] or self.attempts
        return among[pick % len(among)]

    def is_current(self, job: Job) -> bool:
        now = Job.objects.get(pk=job.pk)
        return now.state == "running" and now.fence == job.fence

    @rule(pick=PICK, how=st.sampled_from(["succeed", "fail", "hand back"]), again=st.booleans())
    def an_attempt_ends(self, pick: int, how: str, again: bool) -> None:
        """Only the newest attempt of a job that runs may end it; with `again` the same attempt tries twice."""
        if not self.attempts:
            return
        job = self.an_attempt(pick)
        for _ in range(1 + again):
            expected = self.is_current(job)
            if how == "succeed":
                with transaction.atomic():
                    held = bool(finishing.succeed(self.kind, [Done(job, None)], [0.0]))
            elif how == "fail":
                held = finishing.fail(self.kind, job, Failure("internal", "no")) is not None
            else:
                held = finishing.hand_back(self.kind, [job]) == 1
            assert held == expected

    @rule(queue=st.sampled_from(sorted(LEAST)))
    def a_worker_dies_and_another_claims(self, queue: str) -> None:
        self.claim(queue)
        self.workers_die()
        self.claim(queue)

    @rule(queue=st.sampled_from(sorted(LEAST)))
    def what_is_claimed_fails(self, queue: str) -> None:
        before = len(self.attempts)
        self.claim(queue)
        for job in self.attempts[before:]:
            assert finishing.fail(self.kind, job, Failure("internal", "no")) is not None

    @rule()
    def workers_die(self) -> None:
        Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
        leases.expire_leases()

    @rule()
    def time_passes(self) -> None:
        Job.objects.filter(state="failed").update(run_after=timezone.now() - timedelta(seconds=1))
        leases.promote_due()

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        if self.known:
            try:
                unasked.cancel(job_id=sorted(self.known)[pick % len(self.known)], by=None)
            except IllegalMove:
                pass

    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        if self.known:
            job_id = sorted(self.known)[pick % len(self.known)]
            try:
                unasked.retry(job_id=job_id, by=None)
            except IllegalMove:
                return
            self.rounds[job_id] += 1

    @rule(queue=st.sampled_from(sorted(LEAST)), paused=st.booleans())
    def switch(self, queue: str, paused: bool) -> None:
        (unasked.pause if paused else unasked.resume)(queue=queue, by=None)

    @invariant()
    def nothing_is_lost_doubled_or_tried_too_often(self) -> None:
        jobs = list(Job.objects.all())
        assert {job.pk for job in jobs} == self.known
        self.seen.update(str(job.state) for job in jobs)
        for job in jobs:
            assert job.attempt <= MOST
            assert self.effects[job.pk] <= self.rounds[job.pk]
            if job.state == "succeeded":
                assert self.effects[job.pk] >= 1
            assert (job.state in ENDED) == (job.finished_at is not None)
            assert (job.state == "running") == (job.lease_until is not None)

    def teardown(self) -> None:
        """Whatever happened, everything that is open comes to an end."""
        Queue.objects.update(paused=False)
        for _ in range(500):
            self.workers_die()
            self.time_passes()
            with transaction.atomic():
                jobs = claiming.claim("low", worker="last")
                if jobs:
                    finishing.succeed(self.kind, [Done(job, None) for job in jobs], [0.0] * len(jobs))
            if not Job.objects.exclude(state__in=ENDED).exists():
                break
        assert not Job.objects.exclude(state__in=ENDED).exists()
        self.nothing_is_lost_doubled_or_tried_too_often()


@pytest.mark.usefixtures("queues")
def test_whatever_the_order_no_job_is_lost_and_none_has_two_effects():
    TheQueue.seen.clear()
    run_state_machine_as_test(
        TheQueue,
        settings=settings(
            max_examples=25,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    connection.close()
    assert set(TheQueue.seen) >= {"queued", "running", "failed", "succeeded", "cancelled"}
