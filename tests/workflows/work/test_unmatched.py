"""Documents that start nothing: seen off in the transaction that settles them, as their job would have done."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from documents import followers, settling
from documents.models import Document, Status
from jobs.models import Job
from tests.workflows.work.conftest import version_of
from tests.workflows.work.test_routing import WAITS, on, work
from workflows import routing, running, unmatched
from workflows.models import Instance, KeptNews, Routing, Subscription

ALL_KINDS = (
    ("types", 'document.type == "invoice"', 10),
    ("words", 'document.head.contains("tax invoice") || event.status == "failed"', 20),
    ("facts", "document.facts.amount > 5", 30),
)
LISTENS = "- {id: hears, kind: wait_event, event: document.processed, key: {expr: vars.paper}}"


@pytest.fixture
def three_rules(publish) -> None:
    for key, when, priority in ALL_KINDS:
        publish(key, WAITS, **on(when=when, priority=priority))


def settle(*papers: Document) -> list[str]:
    """As if they had been read just now; the documents that a job was left for."""
    with transaction.atomic():
        settling._after(papers)
    return sorted(Job.objects.filter(kind="document.settled", state="queued").values_list("subject_id", flat=True))


def test_why_nothing_began_is_kept_as_a_job_would_keep_it(three_rules, paper_with, monkeypatch):
    at_once, by_job = (paper_with("Of trains and rain", title="A letter") for _ in range(2))
    assert settle(at_once) == []
    monkeypatch.setattr(followers, "_followers", {})
    assert settle(by_job) == [str(by_job.pk)]
    work()
    first, second = (Routing.objects.get(document=paper) for paper in (at_once, by_job))
    assert [one["result"] for one in first.considered] == ["error", "no", "no"]
    assert (first.considered, first.instances, first.document_version) == (second.considered, [], 1)


def test_what_starts_something_is_left_to_its_job_and_its_neighbours_are_not(three_rules, paper_with):
    plain, bill, other = (paper_with(text) for text in ("of rain", "A Tax Invoice of May", "of trains"))
    assert settle(plain, bill, other) == [str(bill.pk)]
    assert set(Routing.objects.values_list("document", flat=True)) == {plain.pk, other.pk}
    work()
    assert [run.document_id for run in Instance.objects.all()] == [bill.pk]
    assert Routing.objects.filter(document=bill).count() == 1


def test_sixteen_papers_cost_as_many_statements_as_one(three_rules, paper_with):
    def statements(papers: list[Document]) -> int:
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            unmatched.pass_by(papers)
        return len(asked)

    statements([paper_with("x")])  # what is looked up once in a while
    one, sixteen = statements([paper_with("x")]), statements([paper_with("x") for _ in range(16)])
    assert one == sixteen <= 10
    assert Routing.objects.count() == 18


def test_without_any_trigger_nothing_is_left_to_do(paper_with):
    assert settle(paper_with("x")) == []
    assert Routing.objects.count() == 0


def test_a_look_that_takes_long_is_left_to_jobs(three_rules, paper_with, monkeypatch):
    monkeypatch.setattr(unmatched, "SECONDS", -1.0)
    paper = paper_with("x")
    assert settle(paper) == [str(paper.pk)]
    work()
    assert Routing.objects.filter(document=paper).count() == 1


def test_later_versions_failures_and_what_was_stopped_are_not_passed_by(three_rules, paper_with):
    newer, failed, stopped = (paper_with("x") for _ in range(3))
    newer.newest = version_of(newer, number=2, texts=("y",))
    newer.save(update_fields=["newest"])
    for paper, status in ((failed, Status.FAILED), (stopped, Status.CANCELLED)):
        paper.__dict__["status"] = status
    assert settle(newer, failed, stopped) == sorted([str(newer.pk), str(failed.pk)])


def test_a_fault_leaves_the_reading_alone_and_the_rest_to_jobs(three_rules, paper_with, monkeypatch):
    paper, route = paper_with("x"), routing.route

    def breaks(*given: object) -> None:
        route(*given)
        Routing.objects.create(document_id=paper.pk, document_version=None, event="")  # refused by the database

    monkeypatch.setattr(routing, "route", breaks)
    assert settle(paper) == [str(paper.pk)]
    assert Routing.objects.count() == 0
    monkeypatch.setattr(routing, "route", route)
    work()
    assert Routing.objects.filter(document=paper).count() == 1


def test_a_database_that_goes_away_is_no_fault_of_the_rules(paper_with, monkeypatch):
    def away(*given: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(routing, "route", away)
    with pytest.raises(OperationalError), transaction.atomic():
        settling._after([paper_with("x")])


def test_read_again_it_is_kept_once(three_rules, paper_with):
    paper = paper_with("x")
    assert settle(paper) == settle(paper) == []
    assert Routing.objects.filter(document=paper).count() == 1


def test_who_listens_for_it_is_told(publish, paper_with):
    awaited = paper_with("x")
    waits = publish("waits", LISTENS, variables={"paper": {"type": "string"}})
    run = running.start(
        definition=waits, document=None, by=None, variables={"paper": str(awaited.pk)}, reason={"trigger": "manual"}
    )
    assert Subscription.objects.filter(instance=run).count() == 1
    assert settle(awaited) == []
    work()
    run.refresh_from_db()
    assert (run.status, KeptNews.objects.count()) == ("finished", 0)
