"""The home page: what waits, what is in work, how the house is, and the day as charts; each sees his own."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from documents.models import Document, Status
from jobs.models import Alert, Job, Queue, Worker
from kmrl.pages import day


@pytest.fixture
def at_work(db) -> Worker:
    now = timezone.now()
    return Worker.objects.create(host="depot", pid=7, queues=["default"], started_at=now, seen_at=now)


def page(client, user) -> str:
    client.force_login(user)
    return client.get("/").content.decode()


def house(text: str) -> str:
    """The words of the card about the house."""
    found = re.search(r'aria-labelledby="house-title">(.*?)</section>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def test_nothing_waits_for_anybody_until_there_are_workflows_and_it_says_so(client, clerk):
    assert "Nothing waits for a decision of yours." in page(client, clerk)


def test_who_is_told_only_of_his_own_failures_reads_so(client, clerk, reviewer, send):
    """Else a clerk reads that nothing failed beside a chart that shows what failed of his colleagues'."""
    Document.objects.filter(pk=send(by=reviewer).pk).update(status="failed", settled_at=timezone.now())
    said = page(client, clerk)
    assert "What failed of mine, and why" in said and "Nothing that you sent failed in the last seven days." in said
    said = page(client, reviewer)
    assert "What failed, and why" in said and "Nothing failed" not in said and "Nothing that you sent" not in said
    Document.objects.update(uploaded_by=clerk)
    assert 'href="/documents/?status=failed&amp;mine=1"' in page(client, clerk)


@pytest.mark.parametrize("who", ["clerk", "reviewer", "head", "outsider"])
def test_how_the_house_is_is_for_those_who_look_after_it(client, request, who, at_work):
    assert house(page(client, request.getfixturevalue(who))) == ""


def test_when_all_is_well_it_says_what_goes_on(client, auditor, at_work):
    assert house(page(client, auditor)) == "The house All is well Nothing waits. 1 worker is there, idle."


def test_what_is_wrong_comes_first_and_in_words(client, administrator, at_work):
    Queue.objects.filter(name="low").update(paused=True)
    Alert.objects.create(
        name="redis_away", text="Redis does not answer.", value=1, threshold=1, raised_at=timezone.now()
    )
    Job.objects.create(kind="document.index", queue="low", created_at=timezone.now() - timedelta(minutes=5))
    said = house(page(client, administrator))
    assert said.startswith("The house Something is wrong Queue Redis does not answer.")
    assert "The queue “Whenever there is time” is paused: nothing more of it is begun." in said
    assert "1 job waits, the oldest for 5 minutes." in said


def test_without_a_worker_it_says_what_becomes_of_papers(client, administrator):
    said = house(page(client, administrator))
    assert "Something is wrong" in said
    assert "No worker has reported lately: what arrives is kept, and waits." in said


def test_the_chart_has_the_hours_and_the_states_of_what_one_may_see(client, clerk, outsider, send):
    for number in range(3):
        send(number)
    Document.objects.filter(title="paper 0").update(status=Status.FAILED)
    series = json.loads(re.search(r'<script id="day-series"[^>]*>(.*?)</script>', page(client, clerk), re.DOTALL)[1])
    assert series["states"] == {"labels": ["Waiting", "Failed"], "tones": ["waiting", "failed"], "values": [2, 1]}
    assert len(series["labels"]) == 24
    assert {one["label"]: sum(one["values"]) for one in series["throughput"]} == {
        "done": 0,
        "in work or stopped": 2,
        "failed": 1,
    }
    assert "paper 0" not in page(client, outsider)
    assert day.of(Document.objects.none()).states == []


def test_the_page_of_the_house_costs_the_same_however_many_rows(
    client, administrator, at_work, send, django_assert_max_num_queries
):
    for number in range(8):
        send(number)
    client.force_login(administrator)
    client.get("/")
    with django_assert_max_num_queries(32):
        client.get("/")
