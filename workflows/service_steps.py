"""The work of service steps: the kind `workflow.service`. Ordered by `workflows.service_orders`.

An action's `perform` runs outside any transaction; its `apply` and the news for the run are written in the one that
settles the job. So whatever is delivered twice, effects happen once. What an action refuses is told to the run at once
(`Failed`); what breaks is tried again by the queue, and told when it is given up.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from accounts import history, prepared, writing
from accounts.refusals import Refusal
from jobs import kinds
from jobs.kinds import Kind
from jobs.models import Job
from jobs.run import Run
from workflows import actions, locks, reading, running, service_orders
from workflows.actions import Given, NotPossible
from workflows.engine.state import INCIDENT, WAITING
from workflows.engine.talk import Done, Failed, News, Retry
from workflows.models import Instance

LARGEST = 16 * 1024
"""Bytes of a result, as JSON: it stands in the run's history and state."""


@dataclass(frozen=True)
class Performed:
    """What an attempt gave: the result with the parameters it was made of, or why it cannot be had."""

    began: datetime
    milliseconds: int
    params: dict[str, Any]
    result: Any = None
    refused: tuple[str, str] | None = None


def perform(run: Run) -> Performed:
    """Do the action. Raises what is worth another try."""
    began, clock = timezone.now(), time.monotonic()
    params: dict[str, Any] = {}
    result: Any = None
    refused: tuple[str, str] | None = None
    try:
        action = actions.get(run.payload["call"])
        params = action.filled(run.payload["params"])
        result = _bounded(action.perform(_given(run, params, began)))
    except Refusal as refusal:
        refused = (refusal.code, refusal.detail)
    took = int((time.monotonic() - clock) * 1000)
    return Performed(began, took, params, result, refused)


def _given(run: Run, params: dict[str, Any], began: datetime) -> Given:
    if "runs" not in run.shared:  # those of the whole batch at once
        found = reading.runs(mate.payload["instance"] for mate in run.mates or (run,))
        run.shared["runs"] = {str(one.pk): one for one in found}
        run.shared["texts"] = reading.Texts(one.document for one in found if one.document is not None)
    instance: Instance | None = run.shared["runs"].get(run.payload["instance"])
    if instance is None:
        raise NotPossible("The run is not there any more.")
    texts: reading.Texts = run.shared["texts"]
    return Given(params=params, instance=instance, document=instance.document, now=began, text_of=texts.of)


def _bounded(result: Any) -> Any:
    plain = history.plain(result)
    if (size := len(orjson.dumps(plain))) > LARGEST:
        raise NotPossible(f"The result has {size} bytes; a step's result has {LARGEST} at most.")
    return plain


def lock(jobs: Sequence[Job]) -> None:
    """The documents' rows, then the runs'."""
    locks.take([job.payload["instance"] for job in jobs])


def settle(done: Sequence[kinds.Done]) -> None:
    """Write the effects and tell the runs; of one run one after the other, as each may end what another is for."""
    waiting = list(done)
    while waiting:
        now = {one.job.payload["instance"]: one for one in reversed(waiting)}
        _settle_apart(list(now.values()))
        waiting = [one for one in waiting if one is not now[one.job.payload["instance"]]]


def _settle_apart(done: Sequence[kinds.Done]) -> None:
    """Those of different runs."""
    held = _held([one.job for one in done])
    news: list[tuple[str, News]] = []
    awaited: list[kinds.Done] = []
    for one in done:
        instance = held.get(one.job.payload["instance"])
        if instance is not None and _is_awaited(instance, one.job):
            awaited.append(one)
            news.append((str(instance.pk), _news(instance, one.job, one.value)))
    if news:
        _note_times(awaited)
        unchanged = all(_only_finds(one.job) for one in awaited)
        running.tell_many_locked(news, held=list(held.values()) if unchanged else None)


def died(jobs: Sequence[Job]) -> None:
    """The run hears that its step failed."""
    _tell_failed(jobs, lambda job: (job.error_code or "internal", job.error_detail or "The work was given up."))


def cancelled(jobs: Sequence[Job]) -> None:
    """Somebody cancelled the job itself: the step has failed. What the run took back is its own doing."""
    stopped = [job for job in jobs if not job.payload.get("withdrawn")]
    _tell_failed(stopped, lambda job: ("cancelled", "Somebody cancelled the work of this step."))


def requeued(jobs: Sequence[Job]) -> None:
    """Somebody has an ended job done again: its incident is tried again with it."""
    held = _held(jobs)
    news: list[tuple[str, News]] = []
    for job in jobs:
        instance = held.get(job.payload["instance"])
        if instance is not None and _stands(instance, job) == INCIDENT:
            news.append((str(instance.pk), Retry(token=_token(job))))
    if news:
        running.tell_many_locked(news)


def is_short(job: Job) -> bool:
    """Whatever its action: no more are done together than take a moment, as measured (`jobs.claiming`)."""
    return True


def _held(jobs: Sequence[Job]) -> dict[str, Instance]:
    """The runs of these jobs, which `lock` has locked."""
    return {str(instance.pk): instance for instance in locks.rows({job.payload["instance"] for job in jobs})}


def _token(job: Job) -> int:
    return int(job.payload["token"])


def _stands(instance: Instance, job: Job) -> str:
    """How the job's token stands; empty when it has gone on, or the run has ended.

    Its step is not asked about: it may have another name since the run has moved to another version.
    """
    token = (instance.state.get("tokens") or {}).get(str(_token(job)))
    return str(token["state"]) if instance.is_alive and token else ""


def _is_awaited(instance: Instance, job: Job) -> bool:
    """Whether the token still waits for it; else what the job gave has no effect."""
    return _stands(instance, job) == WAITING


def _news(instance: Instance, job: Job, performed: Performed) -> News:
    token = _token(job)
    if performed.refused is not None:
        return Failed(token, *performed.refused, job=str(job.pk))
    if _only_finds(job):
        return Done(token, performed.result)
    try:
        with transaction.atomic():
            actions.get(job.payload["call"]).apply(instance, performed.params, performed.result)
    except Refusal as refusal:
        return Failed(token, refusal.code, refusal.detail, job=str(job.pk))
    return Done(token, performed.result)


def _only_finds(job: Job) -> bool:
    """Whether its action has no effects: then nothing changes where it is settled but the run."""
    try:
        return actions.get(job.payload["call"]).only_finds
    except KeyError:
        return False


_TIMES = """
UPDATE workflows_steprun s SET begun_at = g.began, worked_ms = s.worked_ms + g.ms
FROM json_to_recordset(%s::json) AS g (instance uuid, token int, began timestamptz, ms bigint)
WHERE s.instance_id = g.instance AND s.token = g.token
"""


def _note_times(done: Sequence[kinds.Done]) -> None:
    """Waiting ended and working began when the jobs were taken up."""
    rows = [
        {
            "instance": one.job.payload["instance"],
            "token": _token(one.job),
            "began": one.value.began,
            "ms": one.value.milliseconds,
        }
        for one in done
    ]
    prepared.run(_TIMES, [writing.in_json(rows)])


def _tell_failed(jobs: Sequence[Job], why: Callable[[Job], tuple[str, str]]) -> None:
    held = _held(jobs) if jobs else {}
    news: list[tuple[str, News]] = []
    for job in jobs:
        instance = held.get(job.payload["instance"])
        if instance is not None and _is_awaited(instance, job):
            news.append((str(instance.pk), Failed(_token(job), *why(job), job=str(job.pk))))
    if news:
        running.tell_many_locked(news)


KIND = Kind(
    name=service_orders.KIND,
    perform=perform,
    settle=settle,
    lock=lock,
    died=died,
    cancelled=cancelled,
    requeued=requeued,
    time_limit=timedelta(minutes=5),
    max_attempts=4,
    batch=16,
    short=is_short,
)
