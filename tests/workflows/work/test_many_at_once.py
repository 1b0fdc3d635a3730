"""What papers trigger is done for many at once: a batch costs as many statements as one of them."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import history
from documents import settling
from documents.models import Document, Version
from jobs import claiming
from jobs import running as hands
from kmrl import seeding
from realtime.models import Event, Notice
from tests.workflows.running.conftest import folded
from workflows import calendars, proving, triggers
from workflows.models import Candidate, HumanTask, Instance, Timer
from workflows.sla.clocks import DEADLINE
from workflows.tasks import people
from workflows.tasks.opening import FOLLOW_UP

pytestmark = pytest.mark.django_db

Batch = tuple[str, int, list[str]]
"""The kind of a batch's jobs, their number, and its statements."""


@pytest.fixture(autouse=True)
def house(monkeypatch, settings) -> Iterator[None]:
    """The built-in definitions; what is active, which departments there are and when the office is open is held."""
    settings.CREDENTIALS_HELD_SECONDS = 60
    monkeypatch.setattr(claiming, "_limit", lambda kind: 16)  # however slow this machine is
    monkeypatch.setattr(people, "_departments", {})
    seeding.seed()
    triggers.forget()
    calendars.forget()
    yield
    triggers.forget()
    calendars.forget()


@pytest.fixture
def job_cards(paper_with) -> Callable[[int], list[Document]]:
    """So many papers that start the workflow `standard`, and have been read well."""

    def make(number: int) -> list[Document]:
        papers = [paper_with("Job card of the night shift.", "Second sheet.") for _ in range(number)]
        Version.objects.update(confidence_score=0.95)
        return papers

    return make


def settle(papers: list[Document]) -> list[Batch]:
    """As if they had been read just now: what comes of it, until nothing is left to do."""
    with transaction.atomic():
        settling._after(papers)
    batches: list[Batch] = []
    while True:
        with CaptureQueriesContext(connection) as asked:
            with transaction.atomic():
                jobs = claiming.claim("low", worker="test")
            hands.work_off(jobs)
        if not jobs:
            return batches
        said = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
        batches.append((jobs[0].kind, len(jobs), said))


def sizes(batches: list[Batch]) -> list[tuple[str, int]]:
    return [(kind, number) for kind, number, _ in batches]


def counts(batches: list[Batch]) -> list[int]:
    return [len(said) for _, _, said in batches]


def test_sixteen_papers_cost_as_many_statements_as_one(job_cards, reviewer):
    settle(job_cards(1))  # what is looked up once in a while
    one, sixteen = settle(job_cards(1)), settle(job_cards(16))
    assert sizes(sixteen) == [("document.settled", 16), ("workflow.service", 16)]
    assert counts(sixteen) == counts(one)
    settled, found = counts(one)
    assert settled <= 16 and found <= 14


def test_nobody_to_ask_costs_no_statement_for_each_paper_either(job_cards, administrator, head):
    """Only the head can decide, or nobody at all: who runs the house is told once of all of them."""
    head.memberships.all().delete()
    settle(job_cards(1))
    one, sixteen = settle(job_cards(1)), settle(job_cards(16))
    assert counts(sixteen) == counts(one)
    assert HumanTask.objects.filter(unattended=True).count() == 18
    notice = Notice.objects.get(user=administrator, kind="task.nobody")
    assert notice.count == 18


def test_each_paper_of_a_batch_has_what_it_would_have_alone(job_cards, reviewer, head):
    papers = job_cards(16)
    settle(papers)
    runs = list(Instance.objects.filter(document__in=papers).select_related("version"))
    assert {run.document_id for run in runs} == {paper.pk for paper in papers}
    assert list(proving.breaks()) == []
    for run in runs:
        task = HumanTask.objects.get(instance=run)
        assert (task.step, task.document_id, task.unattended) == ("confirm", run.document_id, False)
        assert Candidate.objects.get(task=task).roles == ["reviewer", "head"]
        rings = Timer.objects.filter(instance=run, task_id=task.pk).order_by("kind").values_list("kind", "due_at")
        assert list(rings) == sorted([(FOLLOW_UP, task.follow_up_at), (DEADLINE, task.due_at)])
        assert folded(run) == run.state
        assert history.first_break("workflow", run.pk) is None
        assert Event.objects.filter(type="task.assigned", data__id=str(task.pk)).count() == 1
    assert Notice.objects.get(user=reviewer, kind="task.assigned").count == 16
