"""Waking workers through Celery: a hint that costs little and may be lost, for workers look for themselves as well.

One wake-up by queue is enough until a worker has begun to look (`kmrl:wake:<queue>` stands in Redis meanwhile); the
worker takes the mark away before it looks, so that what comes later wakes again. While Redis is away nobody waits for
it: one attempt of at most 0.2 s, then none for two seconds.

A hand at short work keeps the mark standing (`hold`): one hand in batches does more than three that settle document by
document, so others are woken only for what one cannot do: a full batch with more behind it, long work, or short work
that turns out to be long (`pass_on`). A hand that was woken for a paused queue lets the mark stand too (`leave_alone`),
so that a thousand uploads into it wake nobody a thousand times. Whoever wakes others does it at the queue of what
waits, which all who serve it hear (`claiming.waits_in`). What is of low priority may gather for a moment first
(`wake_soon`): indexing sixteen documents at once costs little more than indexing one.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.pools import ProducerPool
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

PATIENCE = 0.2  # seconds that a caller may be held up
REST = 2.0  # seconds without trying after a failure
MARK_MS = 5_000  # a mark that nobody took away (the message was lost) lapses
GATHER = 0.3  # seconds that work of low priority gathers
HELD_MS = 1_000  # so does one that a hand has set, should it not come back

_guard = threading.Lock()
_away_until = 0.0
_client: redis.Redis | None = None
_producers: Any = None
_gathering: set[str] = set()
_lines: deque[Any] = deque()  # redis.connection.Connection, which has no types

Command = tuple[str | bytes | int, ...]
"""The words of one Redis command."""


def wake(queue: str) -> bool:
    """Say that `queue` has work; whether that was heard (or said already). Never raises, at most about 0.2 s."""
    if time.monotonic() < _away_until:
        return False
    try:
        if not _redis().set(_mark(queue), 1, nx=True, px=MARK_MS):
            return True
        _publish(queue)
    except (redis.RedisError, OperationalError, OSError) as error:
        return _rest(error)
    return True


def _rest(error: Exception) -> bool:
    global _away_until
    _away_until = time.monotonic() + REST
    logger.warning("Redis is away (%s); workers will find the work by themselves.", error)
    return False


def begin(queues: Sequence[str], others: Sequence[Command] = ()) -> Callable[[], bool]:
    """As `wake` for these queues, in one write with `others`, and not waiting for Redis.

    Gives what has to be called soon, which wakes where no mark stood and tells whether all of it was heard. Whoever
    answers a client meanwhile finds Redis's answers there: a wait for each would cost more than the commands do.
    """
    if time.monotonic() < _away_until:
        return lambda: False
    words = _packed((*(("SET", _mark(queue), 1, "PX", MARK_MS, "NX") for queue in queues), *others))
    try:
        line = _say(_lines.pop(), words)
    except IndexError:  # a new one may have to be waited for
        return lambda: _hear(_say(_new_line(), words), queues, len(others))
    return lambda: _hear(line, queues, len(others))


def _new_line() -> Any:
    pool = _redis().connection_pool
    return pool.connection_class(**pool.connection_kwargs)


def _say(line: Any, words: bytes) -> Any:
    """The line, or None when it is lost."""
    try:
        line.send_packed_command([words], check_health=False)
    except (redis.RedisError, OSError) as error:
        return _lost(line, error)
    return line


def _hear(line: Any, queues: Sequence[str], others: int) -> bool:
    if line is None:
        return False
    try:
        said = [line.read_response() for _ in range(len(queues) + others)]
    except (redis.RedisError, OSError) as error:
        _lost(line, error)
        return False
    _lines.append(line)
    try:
        for queue, mark_is_new in zip(queues, said, strict=False):
            if mark_is_new:
                _publish(queue)
    except (redis.RedisError, OperationalError, OSError) as error:
        return _rest(error)
    return True


def _lost(line: Any, error: Exception) -> None:
    """Answers may be on their way still: nobody may take them for those to what he asks. A Redis that is silent rests.

    A closed line says little (Redis may have been started anew): the next attempt shows it.
    """
    line.disconnect()
    if isinstance(error, redis.TimeoutError):
        _rest(error)


@lru_cache(maxsize=64)
def _packed(commands: tuple[Command, ...]) -> bytes:
    return b"".join(_new_line().pack_commands(commands))


def wake_soon(queue: str) -> None:
    """As `wake`, in 0.3 s and once for all who ask until then; a process that ends meanwhile leaves it to the poll."""
    with _guard:
        if queue in _gathering:
            return
        _gathering.add(queue)
    timer = threading.Timer(GATHER, _wake_gathered, [queue])
    timer.daemon = True
    timer.start()


def _wake_gathered(queue: str) -> None:
    with _guard:
        _gathering.discard(queue)
    wake(queue)


def heard(*queues: str) -> None:
    """A worker begins to look: what is enqueued from now on wakes again. Never raises."""
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        _redis().delete(*(_mark(queue) for queue in queues))
    except (redis.RedisError, OSError):
        _away_until = time.monotonic() + REST


def hold(*queues: str) -> None:
    """A hand is at short work and looks again at once: until then nobody need be woken. Never raises."""
    _set_marks(queues, HELD_MS)


def leave_alone(*queues: str) -> None:
    """Nothing may be begun of these: for 5 s nobody is woken for them, except by `pass_on`. Never raises."""
    _set_marks(queues, MARK_MS)


def pass_on(queue: str) -> bool:
    """Wake somebody although a mark stands: one hand cannot do all, or a paused queue goes on. As `wake`."""
    heard(queue)
    return wake(queue)


def forget() -> None:
    """Drop connections and the memory of a failure (another Redis, a new process, a test)."""
    global _client, _producers, _away_until
    with _guard:
        if _producers is not None:
            _producers.force_close_all()
        _client, _producers, _away_until = None, None, 0.0
        while _lines:
            _lines.pop().disconnect()


def _set_marks(queues: Sequence[str], milliseconds: int) -> None:
    global _away_until
    if not queues or time.monotonic() < _away_until:
        return
    try:
        pipe = _redis().pipeline(transaction=False)
        for queue in queues:
            pipe.set(_mark(queue), 1, px=milliseconds)
        pipe.execute()
    except (redis.RedisError, OSError):
        _away_until = time.monotonic() + REST


def _mark(queue: str) -> str:
    return f"{settings.REDIS_PREFIX}:wake:{queue}"


def _publish(queue: str) -> None:
    with _pool().acquire(block=True, timeout=PATIENCE) as producer:
        current_app.send_task(
            "jobs.drain", args=[queue], queue=queue, ignore_result=True, producer=producer, retry=False
        )


def _redis() -> redis.Redis:
    global _client
    if _client is None:
        with _guard:
            _client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_connect_timeout=PATIENCE,
                socket_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
    return _client


def _pool() -> Any:
    """Producers with a short patience of their own: Celery's wait for the broker as a worker would."""
    global _producers
    if _producers is None:
        with _guard:
            options = {
                **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
                "socket_timeout": PATIENCE,
                "socket_connect_timeout": PATIENCE,
                "max_retries": 0,
                "retry_on_timeout": False,
            }
            broker = Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=PATIENCE)
            _producers = ProducerPool(connections=broker.Pool(limit=8), limit=8)
    return _producers
