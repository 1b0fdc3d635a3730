"""/metrics, for Prometheus: what waits, what runs, what became of the papers; counted when it is asked for.

It is meant for the internal network (the proxy of docker-compose.yml does not pass it on); with KMRL_METRICS_TOKEN set
it wants `Authorization: Bearer <token>`.
"""

import hmac
import threading
import time
from collections.abc import Iterator

import psycopg
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kmrl import environment as env
from kmrl import health

KEPT = 5.0  # seconds: several scrapers cost one count
UNFINISHED = ("queued", "waiting", "running", "failed")
QUESTIONS = {
    "documents": "SELECT status, count(*) FROM documents_document GROUP BY status",
    "jobs": "SELECT queue, state, count(*) FROM jobs_job WHERE state IN ('queued', 'waiting', 'running', 'failed')"
    " GROUP BY queue, state",
    "dead": "SELECT queue, count(*) FROM jobs_job WHERE state = 'dead' GROUP BY queue",
    "oldest": "SELECT queue, extract(epoch FROM now() - min(created_at)) FROM jobs_job WHERE state = 'queued'"
    " GROUP BY queue",
    "workers": "SELECT count(*), (SELECT count(DISTINCT worker) FROM jobs_job WHERE state = 'running')"
    " FROM jobs_worker WHERE seen_at > now() - interval '15 seconds'",
}
STATUSES = ("queued", "processing", "processed", "failed", "cancelled", "quarantined")
QUEUES = ("high", "default", "low")


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
        self._known: dict[str, list[tuple]] | None = None
        self._at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        rows = self._rows()
        yield GaugeMetricFamily("kmrl_up", "Whether PostgreSQL answered.", value=float(rows is not None))
        if rows is not None:
            yield from _figures(rows)

    def _rows(self) -> dict[str, list[tuple]] | None:
        with self._guard:
            if time.monotonic() - self._at > KEPT:
                self._known, self._at = _asked(), time.monotonic()
            return self._known


def _asked() -> dict[str, list[tuple]] | None:
    try:
        with health.own_connection() as cursor:
            return {name: cursor.execute(question).fetchall() for name, question in QUESTIONS.items()}
    except psycopg.Error:
        return None


def _figures(rows: dict[str, list[tuple]]) -> Iterator[Metric]:
    documents = dict(rows["documents"])
    yield _by("kmrl_documents", "Documents by status.", ["status"], {(s,): documents.get(s, 0) for s in STATUSES})
    jobs = {(queue, state): 0 for queue in QUEUES for state in (*UNFINISHED, "dead")}
    jobs |= {(queue, state): count for queue, state, count in rows["jobs"]}
    jobs |= {(queue, "dead"): count for queue, count in rows["dead"]}
    yield _by("kmrl_jobs", "Jobs that are not done, by queue and state.", ["queue", "state"], jobs)
    oldest = dict(rows["oldest"])
    ages = {(queue,): oldest.get(queue) or 0 for queue in QUEUES}
    yield _by("kmrl_oldest_waiting_seconds", "Age of the oldest waiting job by queue.", ["queue"], ages)
    seen, busy = rows["workers"][0]
    yield GaugeMetricFamily("kmrl_workers", "Workers that reported lately.", value=seen)
    yield GaugeMetricFamily("kmrl_workers_busy", "Workers that run a job.", value=busy)


def _by(name: str, about: str, labels: list[str], values: dict) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for words, value in values.items():
        family.add_metric([str(word) for word in words], float(value))
    return family


_house = CollectorRegistry(auto_describe=False)
_house.register(House())
