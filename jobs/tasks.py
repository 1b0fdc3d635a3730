"""Celery's door: wake-ups, and the signals by which a worker process begins and ends its life as a hand of the queue.

A worker process is started as (QUEUE is what it serves: high | default | low; each also hears the more urgent ones)

    celery -A kmrl worker --queues high         --pool threads --concurrency N     serves high
    celery -A kmrl worker --queues default,high --pool threads --concurrency N     serves high, default
    celery -A kmrl worker --queues low,default,high --pool threads --concurrency N serves all

The first name is the queue that it stands for; while nobody serves the less urgent ones, it serves those as well.
Threads, not prefork: the heavy work is done in child processes, the hands only wait for them and for PostgreSQL, and
one heartbeat, one poll and one pool of connections serve all hands.
"""

from datetime import timedelta
from typing import Any

from celery import shared_task, signals
from django.conf import settings

from jobs import polling, presence, running, unasked
from jobs.models import QueueName
from jobs.stepping_back import step_back

KEPT = timedelta(days=30)


@shared_task(name="jobs.drain", ignore_result=True)
def drain(queue: str) -> int:
    """A wake-up: run what may be claimed. The message's queue only says where it was heard."""
    return running.drain(presence.mine().serves if polling.is_worker() else queue)


@shared_task(name="jobs.sweep", ignore_result=False)
def sweep() -> dict[str, int]:
    """The tick's own sweep, for a house whose workers are all busy."""
    return polling.sweep_now()


@shared_task(name="jobs.clean", ignore_result=False)
def clean() -> int:
    """Remove what succeeded or was cancelled more than 30 days ago; dead jobs stay until somebody has looked."""
    return unasked.clean_finished(by=None, older_than=KEPT)


@signals.celeryd_after_setup.connect
def _begin(sender: str, instance: Any, **_: object) -> None:
    queues = list(instance.app.amqp.queues.consume_from)
    if queues[:1] != [QueueName.HIGH]:
        step_back(settings.WORKER_NICE)  # before any thread or child, which inherit it

    def hear(queue: str, also: bool) -> None:
        """Consume the wake-ups of another queue as well, or no longer; from any thread."""
        if (consumer := instance.consumer) is not None:
            consumer.call_soon(consumer.add_task_queue if also else consumer.cancel_task_queue, queue)

    polling.begin(queues=queues, concurrency=int(instance.concurrency or 1), hear=hear)


@signals.worker_shutting_down.connect
def _stop(**_: object) -> None:
    polling.stop()


@signals.worker_shutdown.connect
def _end(**_: object) -> None:
    polling.end()
