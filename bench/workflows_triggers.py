"""What the triggers cost each document that is settled: alone, with the built-in definitions, and where one starts."""

import time
from collections.abc import Sequence
from typing import Any

from bench import workflows_house
from bench.measures import Figures
from bench.workflows_house import Counted
from documents.models import Document
from jobs import claiming, enqueueing, running
from jobs.enqueueing import Order
from jobs.models import Job
from workflows import routing, triggers
from workflows.models import Instance

BATCH = 16
WORKER = "bench"
BUILT_IN = ("standard", "priority", "compliance", "quality-assurance", "emergency")


def costs(*, documents: int) -> Figures:
    """Milliseconds of this process's CPU, and of PostgreSQL and waiting besides, for each settled document."""
    figures: Figures = {}
    cases: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
        ("none", (), {}),
        ("built-ins", BUILT_IN, {}),
        ("start", BUILT_IN, {"document_type": "job_card"}),
    )
    for name, active, fields in cases:
        workflows_house.switch(*active)
        triggers.forget()
        number = documents if name != "start" else max(documents // 4, BATCH)
        _through(workflows_house.papers(2 * BATCH, **fields))  # statements are prepared
        papers = workflows_house.papers(number, **fields)
        cpu, took = _through(papers)
        more = workflows_house.papers(BATCH, **fields)
        with Counted() as counted:
            _through(more)
        figures |= {
            f"trigger {name} CPU ms": cpu / number * 1000,
            f"trigger {name} ms": took / number * 1000,
            f"trigger {name} statements": counted.number / BATCH,
        }
        begun = Instance.objects.filter(document__in=papers).count()
        if begun != (number if name == "start" else 0):
            raise RuntimeError(f"{begun} runs were started on {number} papers ({name}).")
    return figures


def _through(papers: Sequence[Document]) -> tuple[float, float]:
    """The work `document.settled` on these, in batches as the queue gives them: seconds of CPU, and in all."""
    cpu = took = 0.0
    for first in range(0, len(papers), BATCH):
        jobs = _claimed(papers[first : first + BATCH])
        began, spent = time.perf_counter(), time.thread_time()
        running.work_off(jobs)
        cpu += time.thread_time() - spent
        took += time.perf_counter() - began
    return cpu, took


def _go_on() -> tuple[float, float]:
    """The work that runs have ordered, until none waits: seconds of CPU, and in all."""
    cpu = took = 0.0
    while jobs := claiming.claim("low", worker=WORKER):
        began, spent = time.perf_counter(), time.thread_time()
        running.work_off(jobs)
        cpu += time.thread_time() - spent
        took += time.perf_counter() - began
    return cpu, took


def _claimed(papers: Sequence[Document]) -> list[Job]:
    jobs = enqueueing.enqueue_many(
        Order(
            kind=routing.SETTLED.name,
            payload={"document": str(paper.pk), "status": str(paper.status)},
            subject=("document", str(paper.pk)),
        )
        for paper in papers
    )
    return claiming.claim_these([job.pk for job in jobs], worker=WORKER)
