"""Whatever happens in whatever order, against the real database and through the real functions: no job is lost, none
has its effect twice, none is tried too often, and the most urgent of the claimable goes first.

Effects are rows that `settle` writes, so the database counts them. When an order is found that breaks a promise,
Hypothesis prints a `reproduce_failure` line: keep it above the test, with what was mended.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from accounts import history
from accounts.models import HistoryEntry, User
from accounts.refusals import IllegalMove
from jobs import claiming, enqueueing, finishing, heartbeat, kinds, leases, unasked
from jobs.enqueueing import Order
from jobs.finishing import Failure
from jobs.kinds import Done, Kind
from jobs.models import Job, Priority, Queue
from jobs.models.job import UNFINISHED
from jobs.run import Lost, Run

KIND, PLAIN = "test.stateful", "test.stateful.plain"  # with effects where it is finished, and without
MOST = 3
ENDED = {"succeeded", "dead", "cancelled"}
LEAST = {"high": 1, "default": 2, "low": 3}
QUEUES = st.sampled_from(sorted(LEAST))
PICK = st.integers(0, 999)  # drawn before anything is looked up: ids hold chance, and a replay must draw the same


class Crash(Exception):
    """The worker dies in the middle of the transaction that settles."""


def is_short(job: Job) -> bool:
    return bool(job.payload["short"])


def effect_of(done: list[Done]) -> None:
    for one in done:
        history.record("job", one.job.pk, "effect", by=None)


class Work(RuleBasedStateMachine):
    """`known` are the ids in the order of their enqueueing; `rounds` says how often each was asked for.

    `batches` are what was claimed together, by current or former workers; `seen` counts states over all runs.
    """

    seen: Counter = Counter()

    @initialize()
    def empty(self) -> None:
        Job.objects.all().delete()
        Queue.objects.update(paused=False)
        self.owners = [None, *User.objects.order_by("pk")[:2]]
        self.known: list = []
        self.removed: set = set()
        self.attempts: list[Run] = []
        self.batches: list[list[Run]] = []
        self.rounds: Counter = Counter()
        self.finished: Counter = Counter()  # of jobs without effects: how often somebody's finishing held
        self.kind = self._kind(KIND, settle=effect_of)
        self.plain = self._kind(PLAIN)

    def _kind(self, name: str, **effects: object) -> Kind:
        kind = Kind(name, perform=lambda run: None, batch=3, short=is_short, max_attempts=MOST, **effects)  # type: ignore[arg-type]
        kinds._kinds[name] = kind
        return kind

    # --- what is asked for
    @rule(
        owner=st.integers(0, 2),
        priority=st.sampled_from(Priority),
        short=st.booleans(),
        size=st.sampled_from([0, 1 << 20, 40 << 20]),
        number=st.integers(1, 3),
        kind=st.sampled_from([KIND, KIND, PLAIN]),
    )
    def enqueue(self, owner: int, priority: Priority, short: bool, size: int, number: int, kind: str) -> None:
        whose = self.owners[owner]
        order = Order(kind=kind, payload={"short": short}, owner=whose, priority=priority, size=size)
        with transaction.atomic():
            self._expect(enqueueing.enqueue_many([order] * number))

    @rule(priority=st.sampled_from(Priority), parts=st.integers(1, 2))
    def enqueue_with_parts(self, priority: Priority, parts: int) -> None:
        with transaction.atomic():
            whole = enqueueing.enqueue(KIND, payload={"short": False}, priority=priority, parts_follow=True)
            part = Order(kind=KIND, payload={"short": False}, priority=priority, parent=whole)
            self._expect([whole, *enqueueing.enqueue_many([part] * parts)])

    def _expect(self, jobs: list[Job]) -> None:
        self.known += [job.pk for job in jobs]
        self.rounds.update(job.pk for job in jobs)

    # --- what workers do
    @rule(queue=QUEUES, large=st.booleans())
    def claim(self, queue: str, large: bool) -> None:
        first = self._first(queue, large)
        with transaction.atomic():
            jobs = claiming.claim(queue, worker="w", large=large)
        self._claimed(jobs, first)

    def _first(self, queue: str, large: bool) -> object:
        """Whose turn it is, told without the queue's own way of finding it."""
        paused = set(Queue.objects.filter(paused=True).values_list("name", flat=True))
        waiting = Job.objects.filter(state="queued", run_after=None, urgency__lte=LEAST[queue])
        waiting = waiting.exclude(queue__in=paused)
        if not large:
            waiting = waiting.filter(size__lt=claiming.LARGE)
        return waiting.order_by("urgency", "fair_rank", "id").values_list("pk", flat=True).first()

    def _claimed(self, jobs: list[Job], first: object) -> None:
        assert [job.pk for job in jobs[:1]] == ([first] if first else [])
        alike = {(job.kind, job.urgency, job.short) for job in jobs}
        assert len(jobs) < 2 or (len(alike) == 1 and all(job.short for job in jobs))
        batch = [Run(job, kinds.get(job.kind), child=lambda: None) for job in jobs]  # type: ignore[arg-type, return-value]
        self.attempts += batch
        self.batches += [batch] if batch else []

    @precondition(lambda self: self.batches)
    @rule(pick=PICK, queue=QUEUES)
    def a_batch_ends_and_the_next_is_claimed(self, pick: int, queue: str) -> None:
        """Of what was claimed together those succeed that are still this worker's; what it claims next is in turn."""
        runs = self.batches[pick % len(self.batches)]
        ours = {run.job.pk for run in runs if self._is_current(run)}
        done, first = [Done(run.job, None) for run in runs], self._first(queue, large=True)
        if runs[0].kind is self.plain:
            jobs = claiming.finish_and_claim(done, [0.1] * len(done), queue, worker="w")
            self.finished.update(ours)
        else:
            with transaction.atomic():
                assert {job.pk for job in finishing.succeed(self.kind, done, [0.1] * len(done))} == ours
                first = self._first(queue, large=True)  # a parent may have been released
                jobs = claiming.claim(queue, worker="w")
        assert set(Job.objects.filter(pk__in=ours, state="succeeded").values_list("pk", flat=True)) == ours
        self._claimed(jobs, first)

    def _attempt(self, pick: int) -> Run:
        """Rather one, current or stale, of a job that somebody runs now: there it matters whose attempt it is."""
        running = set(Job.objects.filter(state="running").values_list("pk", flat=True))
        among = [run for run in self.attempts if run.job.pk in running] or self.attempts
        return among[pick % len(among)]

    def _is_current(self, run: Run) -> bool:
        return Job.objects.filter(pk=run.job.pk, state="running", fence=run.job.fence).exists()

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK)
    def the_heart_beats(self, pick: int) -> None:
        """It keeps the lease of the attempt that is current, and stops those that are not."""
        run = self._attempt(pick)
        current = self._is_current(run)
        self._lapse(run)
        heartbeat._extend([run])
        heartbeat._stop_those_lost([run])
        kept = Job.objects.filter(pk=run.job.pk, state="running", lease_until__gt=timezone.now()).exists()
        assert kept >= current
        try:
            run.check()
        except Lost:
            assert not current

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK, again=st.booleans())
    def an_attempt_succeeds(self, pick: int, again: bool) -> None:
        run = self._attempt(pick)
        for _ in range(1 + again):
            expected = self._is_current(run)
            with transaction.atomic():
                assert bool(finishing.succeed(run.kind, [Done(run.job, None)], [0.1])) == expected
            self.finished[run.job.pk] += expected and run.kind is self.plain

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK)
    def a_worker_dies_while_it_settles(self, pick: int) -> None:
        run = self._attempt(pick)
        before = self._standing(run)
        try:
            with transaction.atomic():
                finishing.succeed(run.kind, [Done(run.job, None)], [0.1])
                raise Crash
        except Crash:
            pass
        run.job = Job.objects.defer(None).get(pk=run.job.pk) if self._is_current(run) else run.job
        assert self._standing(run) == before

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK, transient=st.booleans())
    def an_attempt_fails(self, pick: int, transient: bool) -> None:
        run = self._attempt(pick)
        expected = self._is_current(run)
        state = finishing.fail(run.kind, run.job, Failure("internal", "no", transient=transient))
        assert (state is not None) == expected
        assert state is None or (state == "dead") == (run.job.attempt >= MOST)

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK)
    def a_worker_that_stops_hands_back(self, pick: int) -> None:
        run = self._attempt(pick)
        spent, expected = Job.objects.get(pk=run.job.pk).attempt, self._is_current(run)
        assert (finishing.hand_back(run.kind, [run.job]) == 1) == expected
        assert Job.objects.get(pk=run.job.pk).attempt == spent - expected

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK)
    def the_work_stops_itself(self, pick: int) -> None:
        run = self._attempt(pick)
        expected = self._is_current(run)
        assert finishing.cancelled(run.kind, run.job) == expected

    @precondition(lambda self: self.attempts)
    @rule(pick=PICK)
    def a_worker_dies(self, pick: int) -> None:
        self._lapse(self._attempt(pick))
        leases.expire_leases()

    @rule(queue=QUEUES)
    def all_workers_die_and_another_claims(self, queue: str) -> None:
        self.claim(queue, large=True)
        self._everybody_dies()
        assert not Job.objects.filter(state="running").exists()
        self.claim(queue, large=True)

    @rule(queue=QUEUES)
    def what_is_claimed_fails(self, queue: str) -> None:
        before = len(self.attempts)
        self.claim(queue, large=True)
        for run in self.attempts[before:]:
            assert finishing.fail(run.kind, run.job, Failure("internal", "no")) is not None

    @rule()
    def time_passes(self) -> None:
        Job.objects.filter(state="failed").update(run_after=timezone.now() - timedelta(seconds=1))
        leases.promote_due()

    # --- what people do
    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        job_id = self._one(pick)
        open_before = Job.objects.filter(pk=job_id, state__in=UNFINISHED).exists()
        try:
            unasked.cancel(job_id=job_id, by=None)
        except IllegalMove:
            assert not open_before
        else:
            assert open_before

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        job_id = self._one(pick)
        try:
            unasked.retry(job_id=job_id, by=None)
        except IllegalMove:
            return
        self.rounds[job_id] += 1

    @rule()
    def retry_all_dead(self) -> None:
        dead = list(Job.objects.filter(state="dead").values_list("pk", flat=True))
        assert unasked.retry_dead(by=None) == len(dead)
        self.rounds.update(dead)

    @precondition(lambda self: self.known)
    @rule(pick=PICK, priority=st.sampled_from(Priority))
    def change_priority(self, pick: int, priority: Priority) -> None:
        try:
            job = unasked.set_priority(job_id=self._one(pick), priority=priority, by=None)
        except IllegalMove:
            return
        assert (job.priority, job.queue) == (priority, priority.queue)

    @rule(queue=QUEUES, paused=st.booleans())
    def switch(self, queue: str, paused: bool) -> None:
        (unasked.pause if paused else unasked.resume)(queue=queue, by=None)

    @rule()
    def clean(self) -> None:
        before = {job.pk: job.state for job in Job.objects.only("pk", "state")}
        unasked.clean_finished(by=None, states=["cancelled"], older_than=timedelta())
        gone = set(before) - set(Job.objects.values_list("pk", flat=True))
        assert all(before[pk] == "cancelled" for pk in gone)
        self.removed |= gone
        self.attempts = [run for run in self.attempts if run.job.pk not in gone]
        kept = ([run for run in batch if run.job.pk not in gone] for batch in self.batches)
        self.batches = [batch for batch in kept if batch]
        self.known = [pk for pk in self.known if pk not in gone]

    # --- the promises
    @invariant()
    def no_job_is_lost_doubled_or_tried_too_often(self) -> None:
        jobs = list(Job.objects.all())
        effects = Counter(HistoryEntry.objects.filter(action="effect").values_list("subject_id", flat=True))
        assert {job.pk for job in jobs} == set(self.known)
        self.seen.update(str(job.state) for job in jobs)
        for job in jobs:
            assert job.attempt <= MOST
            ends = self.finished[job.pk] if job.kind == PLAIN else effects[str(job.pk)]
            assert ends <= self.rounds[job.pk]
            assert job.state != "succeeded" or ends >= 1
            assert (job.state in ENDED) == (job.finished_at is not None)
            assert (job.state == "running") == (job.lease_until is not None)
            assert job.state != "failed" or job.run_after is not None
        open_parents = {job.parent_id for job in jobs if job.state in UNFINISHED}
        assert all(job.pk in open_parents for job in jobs if job.state == "waiting")

    def teardown(self) -> None:
        """Whatever happened, everything that is open comes to an end."""
        if not hasattr(self, "kind"):
            return
        Queue.objects.update(paused=False)
        for _ in range(1000):
            self._everybody_dies()
            self.time_passes()
            with transaction.atomic():
                jobs = claiming.claim("low", worker="last")
                for job in jobs:
                    finishing.succeed(kinds.get(job.kind), [Done(job, None)], [0.0])
                    self.finished[job.pk] += job.kind == PLAIN
            if not Job.objects.exclude(state__in=ENDED).exists():
                break
        assert not Job.objects.exclude(state__in=ENDED).exists()
        self.no_job_is_lost_doubled_or_tried_too_often()

    # --- looks
    def _one(self, pick: int) -> object:
        return self.known[pick % len(self.known)]

    def _standing(self, run: Run) -> tuple:
        job = Job.objects.filter(pk=run.job.pk).values_list("state", "fence", "attempt", "finished_at").get()
        return job, HistoryEntry.objects.filter(subject_id=str(run.job.pk), action="effect").count()

    def _everybody_dies(self) -> None:
        Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
        leases.expire_leases()

    def _lapse(self, run: Run) -> None:
        """As if 15 s had passed without a heartbeat for this job."""
        lapsed = Job.objects.filter(pk=run.job.pk, state="running")
        lapsed.update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("examples", "steps"), [(20, 50), pytest.param(250, 80, marks=pytest.mark.long)], ids=["short", "deep"]
)
def test_whatever_the_order_the_promises_hold(queues, clerk, head, examples, steps):
    Work.seen.clear()
    run_machine(
        Work,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    connection.close()
    assert set(Work.seen) >= {"queued", "running", "failed", "waiting", "succeeded", "cancelled"}
