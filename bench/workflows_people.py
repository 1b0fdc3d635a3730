"""People and the clock among many open runs: deciding, the list of tasks, starting, and the sweep of timers."""

import itertools
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from accounts.rights import rights_of
from bench import workflows_house, workflows_many
from bench.measures import Figures
from bench.workflows_house import median, p95
from workflows import approvals, inbox, running, timers
from workflows.models import Definition, HumanTask, TaskState, Timer

TIMER = "bench"
DUE = 100
COMPLETE = "/api/v1/workflows/tasks/{}/complete/"


def deciding(*, open_runs: int, deeds: int) -> Figures:
    """Starting and deciding among few and among many open runs; the list of one who may decide all of them."""
    workflows_house.switch(workflows_many.KEY)
    workflows_many.open_runs(200)
    figures = {**_starts("few", deeds), **_completions("few", deeds // 2)}
    workflows_many.open_runs(open_runs)
    figures |= _starts("many", deeds) | _completions("many", deeds) | _through_api(deeds)
    rights = rights_of(_reviewer(1))
    figures |= _timed("inbox", lambda _: list(inbox.waiting_for(rights)[:50]), range(30))
    figures |= _timed("counts", lambda _: inbox.counts(rights), range(30))
    return figures


def sweeping(*, pending: int, rounds: int = 5) -> Figures:
    """The sweep where 100 of so many timers are due: to find them, and to ring them all."""
    timers.on(TIMER, _ring)
    workflows_many.pending_timers(pending, kind=TIMER)
    found, rung = [], []
    for _ in range(rounds):
        workflows_many.due_timers(DUE, kind=TIMER)
        began = time.perf_counter()
        due = timers.due(timezone.now(), 5 * DUE)
        found.append((time.perf_counter() - began) * 1000)
        mine = Timer.objects.filter(kind=TIMER, pk__in=[pk for _, pk in due]).count()
        began = time.perf_counter()
        swept = timers.sweep(seconds=60)
        rung.append((time.perf_counter() - began) * 1000)
        if mine != DUE or swept < DUE:
            raise RuntimeError(f"{swept} timers rang, {mine} of {DUE} were found.")
    return {"find ms": median(found), "find max ms": max(found), "sweep ms": median(rung)}


def _starts(name: str, number: int) -> Figures:
    definition = Definition.objects.get(key=workflows_many.KEY)
    papers = workflows_house.papers(number)
    return _timed(
        f"start {name}",
        lambda paper: running.start(definition=definition, document=paper, by=None, reason={"trigger": "api"}),
        papers,
    )


def _completions(name: str, number: int) -> Figures:
    """Through the core, by twenty reviewers in turn."""
    people = [(user, rights_of(user)) for user in (_reviewer(n) for n in range(workflows_house.DECIDERS))]
    turns = itertools.cycle(people)

    def complete(task: Any) -> None:
        by, rights = next(turns)
        approvals.complete(task_id=task, outcome="approved", by=by, rights=rights, door="api")

    return _timed(f"complete {name}", complete, _open_tasks(number))


def _through_api(number: int) -> Figures:
    """Through the whole of Django, without the way through the socket."""
    Path(settings.STATIC_ROOT or ".").mkdir(parents=True, exist_ok=True)  # else it is missed aloud
    token = AccessToken.for_user(_reviewer(0))
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}", SERVER_NAME="localhost")

    def complete(task: Any) -> None:
        answer = client.post(COMPLETE.format(task), {"outcome": "approved"}, format="json")
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {answer.content[:300]!r}")

    return _timed("API", complete, _open_tasks(number))


def _open_tasks(number: int) -> list[Any]:
    """Anywhere among them."""
    waiting = HumanTask.objects.filter(state=TaskState.OPEN, step="review").order_by("?")
    return list(waiting.values_list("pk", flat=True)[:number])


def _timed(name: str, act: Callable[[Any], Any], over: Iterable[Any]) -> Figures:
    """Milliseconds of each, p50 and p95, and of this process's CPU on average. The first tenth warms up."""
    over = list(over)
    warm = max(3, len(over) // 10)
    times, spent = [], 0.0
    for number, one in enumerate(over):
        began, cpu = time.perf_counter(), time.thread_time()
        act(one)
        if number >= warm:
            times.append((time.perf_counter() - began) * 1000)
            spent += time.thread_time() - cpu
    return {
        f"{name} p50 ms": median(times),
        f"{name} p95 ms": p95(times),
        f"{name} CPU ms": spent / len(times) * 1000,
    }


def _reviewer(number: int) -> User:
    return User.objects.get(username=f"r{number}")


def _ring(timer: Timer) -> None:
    """A trivial handler."""
