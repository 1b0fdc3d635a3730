"""/metrics, for Prometheus: what waits, what runs, what became of the papers; counted when it is asked for.

It is meant for the internal network (the proxy of docker-compose.yml does not pass it on); with KMRL_METRICS_TOKEN set
it wants `Authorization: Bearer <token>`.
"""

import hmac
import threading
import time
from collections.abc import Iterator

import psycopg
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from jobs import place
from kmrl import environment as env
from kmrl import figures, health

KEPT = 2.0  # seconds: several scrapers cost one count


def show(request: HttpRequest) -> HttpResponse:
    """The figures of the house, then of this process; 401 without the token where one is set."""
    token = env.text("KMRL_METRICS_TOKEN")
    said = request.headers.get("Authorization", "")
    if token and not hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(_house) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


class House(Collector):
    """Counts in PostgreSQL. When it is away only `kmrl_up 0` is told."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._known: figures.Rows | None = None
        self._at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        rows = self._rows()
        yield figures.one("kmrl_up", "Whether PostgreSQL answered.", float(rows is not None))
        if rows is not None:
            yield from figures.of(rows)

    def _rows(self) -> figures.Rows | None:
        with self._guard:
            if time.monotonic() - self._at > KEPT:
                self._known, self._at = _asked(), time.monotonic()
            return self._known


def _asked() -> figures.Rows | None:
    try:
        with health.own_connection() as cursor:
            rows = {name: cursor.execute(question).fetchall() for name, question in figures.QUESTIONS.items()}
        return rows | {"eta": [tuple(place.eta_error().values())]}
    except (psycopg.Error, DatabaseError):
        return None


_house = CollectorRegistry(auto_describe=False)
_house.register(House())
