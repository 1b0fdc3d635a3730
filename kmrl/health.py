"""Is the gateway alive, and is it ready: for probes and for people.

Without PostgreSQL or the storage no upload can be accepted: 503. Without Redis or workers uploads are accepted and
kept, and are processed later or more slowly: 200, `degraded`, with what is wrong; so a load balancer does not take
away the one thing that still works.
"""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from documents import storage
from documents.refusals import NoSpace, StorageAway

ANSWER_WITHIN = 0.8  # seconds, all checks together: they run side by side
WORKER_SEEN_WITHIN = 15  # seconds
FAILURES = (psycopg.Error, redis.RedisError, OSError)

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")
_asked: dict[str, Future[dict[str, Any]]] = {}


@dataclass(frozen=True)
class Dependency:
    """`look` raises when it is away; what it returns is shown. Without a `vital` one no upload is accepted."""

    look: Callable[[], dict[str, Any]]
    vital: bool


def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 when requests can be answered, else 503; each dependency with its latency, within a second."""
    checks = _look_at(DEPENDENCIES)
    wrong = [f"{name}: {found['detail']}" for name, found in checks.items() if not found["ok"]]
    down = any(not checks[name]["ok"] for name, dependency in DEPENDENCIES.items() if dependency.vital)
    status = "unavailable" if down else "degraded" if wrong else "ready"
    return JsonResponse({"status": status, "wrong": wrong, "checks": checks}, status=503 if down else 200)


def _look_at(dependencies: dict[str, Dependency]) -> dict[str, dict[str, Any]]:
    """All at once. One that still has not answered an earlier question is not asked again."""
    until = time.monotonic() + ANSWER_WITHIN
    for name, dependency in dependencies.items():
        if name not in _asked or _asked[name].done():
            _asked[name] = _threads.submit(_timed, dependency.look)
    asked = dict(_asked)
    return {name: _answer(asked[name], max(0.0, until - time.monotonic())) for name in dependencies}


def _answer(asked: Future[dict[str, Any]], patience: float) -> dict[str, Any]:
    try:
        return asked.result(timeout=patience)
    except TooLate:
        return {"ok": False, "ms": None, "detail": "does not answer"}


def _timed(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Never raises for a dependency's fault. Messages of drivers hold addresses: only the kind of error is told."""
    began = time.perf_counter()
    try:
        found: dict[str, Any] = {"ok": True} | look()
    except FAILURES as problem:
        found = {"ok": False, "detail": f"does not answer ({type(problem).__name__})"}
    return found | {"ms": round((time.perf_counter() - began) * 1000, 1)}


@contextlib.contextmanager
def own_connection() -> Any:
    """A connection beside the pool, which would let a probe wait for ten seconds when PostgreSQL is away."""
    parameters = connections["default"].get_connection_params() | {"connect_timeout": 2, "autocommit": True}
    with psycopg.connect(**parameters) as connection, connection.cursor() as cursor:
        yield cursor


def _postgresql() -> dict[str, Any]:
    with own_connection() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), to_regclass('documents_document') IS NULL")
        follower, empty = cursor.fetchone()
    if follower or empty:
        return {"ok": False, "detail": "accepts no writes" if follower else "is not migrated yet"}
    return {}


def _workers() -> dict[str, Any]:
    """Those that reported lately."""
    with own_connection() as cursor:
        cursor.execute(
            "SELECT count(*) FROM jobs_worker WHERE seen_at > now() - make_interval(secs => %s)", [WORKER_SEEN_WITHIN]
        )
        seen = cursor.fetchone()[0]
    return {"seen": seen} if seen else {"ok": False, "seen": 0, "detail": "no worker reported lately"}


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=0.3, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))


def _redis() -> dict[str, Any]:
    _client(settings.REDIS_URL).ping()
    return {}


@dataclass(frozen=True)
class Memory:
    """Bytes in use, and how many there may be (0: nobody knows)."""

    used: int
    limit: int


def redis_memory() -> Memory:
    """Against its `maxmemory`, else the memory of its machine. Raises redis.RedisError, OSError."""
    told: dict[str, Any] = _client(settings.REDIS_URL).info("memory")
    return Memory(int(told["used_memory"]), int(told.get("maxmemory") or told.get("total_system_memory") or 0))


def _storage() -> dict[str, Any]:
    """A folder is written to; a bucket is listed (wrong credentials fail there, too)."""
    try:
        storage.originals().try_out()
    except StorageAway as away:
        return {"ok": False, "detail": f"cannot be reached ({away.kind})"}
    except NoSpace:
        return {"ok": False, "detail": "has no room left"}
    return {}


DEPENDENCIES = {
    "postgresql": Dependency(_postgresql, vital=True),
    "storage": Dependency(_storage, vital=True),
    "redis": Dependency(_redis, vital=False),
    "workers": Dependency(_workers, vital=False),
}
