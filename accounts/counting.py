"""Counting what callers do, in Redis, so that every process sees one count: the base of all throttles.

A window slides: what was done in the window before counts by the share of it that still lies within the last `seconds`.
Two small numbers by caller, one round trip; a refused attempt is not counted.

Wide limits are counted several at a time: a process takes one in 400 of a limit ahead and hands them out itself for
some seconds; twice as many each time that it has none left before these are over, up to one in 100. So 200 scans in a
row ask Redis five times. What it does not hand out counts as done.
"""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.core.cache import caches
from django_redis import get_redis_connection
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PERIODS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86_400}
AHEAD, AHEAD_OF_MANY = 400, 100  # the shares of a limit that one process may take ahead
AHEAD_SECONDS, AHEAD_CALLERS = 5.0, 10_000
REST = 2.0  # seconds during which nobody asks a Redis that was away: each asking may cost its time limit


class CountsAway(Exception):
    """Redis cannot be asked: whoever throttles must decide whether to let pass."""


@dataclass(frozen=True)
class Limit:
    """At most `most` times in any `seconds`, counted under `name`."""

    name: str
    most: int
    seconds: int


def limit(name: str, rate: str) -> Limit:
    """`limit("caller", "6000/min")`. Raises ValueError for a rate that is none."""
    most, _, period = rate.partition("/")
    if period not in PERIODS or not most.isdecimal() or int(most) < 1:
        raise ValueError(f"{rate!r} is no rate; write for example 6000/min.")
    return Limit(name, int(most), PERIODS[period])


def take(limit: Limit, who: str) -> float | None:
    """Count one more for `who`. None when it is within the limit, else the seconds to wait; it is not counted then.

    Raises CountsAway.
    """
    if take_held(limit, who):
        return None
    many = _many(limit, who)
    wait = _count(limit, who, many)
    if wait is None:
        _hold(limit, who, many)
        return None
    return wait if many == 1 else _count(limit, who, 1)


def take_held(limit: Limit, who: str) -> bool:
    """Whether one that was counted ahead is left for `who`: asks nobody."""
    name = (limit, who)
    with _ahead_lock:
        left, window, until, taken = _ahead.get(name, (0, 0, 0.0, 0))
        if not left or window != int(time.time() // limit.seconds) or until < time.monotonic():
            return False
        _ahead[name] = left - 1, window, until, taken
    return True


def _many(limit: Limit, who: str) -> int:
    """How many to count at once."""
    with _ahead_lock:
        left, _, until, taken = _ahead.get((limit, who), (0, 0, 0.0, 0))
    if left or until < time.monotonic():  # slower than that
        taken = 0
    return max(1, limit.most // AHEAD, min(2 * taken, limit.most // AHEAD_OF_MANY))


def _hold(limit: Limit, who: str, many: int) -> None:
    """Keep all but the first of these `many` for those who come next."""
    if many == 1:
        return
    window, until = int(time.time() // limit.seconds), time.monotonic() + AHEAD_SECONDS
    with _ahead_lock:
        _ahead[limit, who] = many - 1, window, until, many
        _ahead.move_to_end((limit, who))
        while len(_ahead) > AHEAD_CALLERS:
            _ahead.popitem(last=False)


def _count(limit: Limit, who: str, many: int) -> float | None:
    """Count `many` at once; None, or the seconds to wait for them with nothing counted."""
    window, within = divmod(time.time(), limit.seconds)
    key, before_key = (_key(limit, who, int(window) - back) for back in (0, 1))
    try:
        _refuse_while_resting()
        pipe = get_redis_connection("default").pipeline(transaction=False)
        pipe.incrby(key, many)
        pipe.expire(key, 2 * limit.seconds)
        pipe.get(before_key)
        current, _, before = pipe.execute()
        wait = _wait(limit, within, before=int(before or 0), current=current)
        if wait is not None:
            get_redis_connection("default").decrby(key, many)
    except RedisError as error:
        raise _away(error) from error
    return wait


def give_back(limit: Limit, who: str) -> None:
    """Uncount one: it turned out not to matter. Raises CountsAway."""
    try:
        _refuse_while_resting()
        key = _key(limit, who, int(time.time() // limit.seconds))
        if get_redis_connection("default").decr(key) < 0:  # it was counted in the window before
            get_redis_connection("default").delete(key)
    except RedisError as error:
        raise _away(error) from error


def note(what: str, seconds: int) -> None:
    """Keep for so long that something is so. Raises CountsAway."""
    try:
        _refuse_while_resting()
        get_redis_connection("default").set(_noted(what), 1, ex=seconds)
    except RedisError as error:
        raise _away(error) from error


def is_noted(what: str) -> bool:
    """Whether that was noted, and it is not over. Raises CountsAway."""
    try:
        _refuse_while_resting()
        return bool(get_redis_connection("default").exists(_noted(what)))
    except RedisError as error:
        raise _away(error) from error


def ask_again() -> None:
    """Ask Redis at the next call, however lately it was away, and whatever was counted ahead."""
    global _resting_until
    _resting_until = 0.0
    _ahead.clear()


_resting_until = 0.0
_ahead: OrderedDict[tuple[Limit, str], tuple[int, int, float, int]] = OrderedDict()
_ahead_lock = threading.Lock()


def _refuse_while_resting() -> None:
    if time.monotonic() < _resting_until:
        raise CountsAway


def _away(error: Exception) -> CountsAway:
    global _resting_until
    _resting_until = time.monotonic() + REST
    logger.warning("Redis is away (%s): nobody can sign in, and nothing is throttled.", error)
    return CountsAway(str(error))


def _wait(limit: Limit, within: float, *, before: int, current: int) -> float | None:
    """Seconds until one more is within the limit; `current` includes the one that is asked about."""
    share = 1 - within / limit.seconds
    if before * share + current <= limit.most:
        return None
    if current <= limit.most:  # within this window, as the one before slides out
        return max(limit.seconds * (1 - (limit.most - current) / before) - within, 0.0)
    left, done = limit.seconds - within, current - 1
    return left + limit.seconds * max(0.0, 1 - (limit.most - 1) / done)


def _noted(what: str) -> str:
    return str(caches["default"].make_key(f"noted-{what}"))


def _key(limit: Limit, who: str, window: int) -> str:
    return str(caches["default"].make_key(f"count-{limit.name}-{limit.seconds}-{who}-{window}"))
