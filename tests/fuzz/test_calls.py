"""Every call of the REST interface with senseless values: a problem document at worst, never a fault of ours.

`bin/test --long` sends new ones for minutes; an ordinary run a few of each call.
"""

import random
import time
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator

from bench import papers
from documents.models import Document
from jobs import running
from jobs.models import Job, QueueName
from jobs.nursery import NURSERY
from kmrl import seeding
from tests.fuzz.senselessness import Senseless
from workflows.models import Definition, HumanTask, Instance

FEW, MINUTES = 4, 3


@pytest.fixture
def house(transactional_db, api_source, operations, clerk, administrator, api_client_as):
    """Documents that were read, with runs and tasks, and a batch; by whom calls are made."""
    seeding.seed()
    clients = {user.username: api_client_as(user) for user in (administrator, clerk)}
    for client in clients.values():
        client.handler.raise_request_exception = client.raise_request_exception = False
    made = [papers.make(number, seed=9, pages=1) for number in range(8)]
    sent = {"source": "api", "department": "operations"}
    for paper in made[:5]:
        file = SimpleUploadedFile(paper.name, paper.content)
        assert clients["clerk"].post("/api/v1/documents/upload/", {**sent, "file": file}).status_code == 202
    files = [SimpleUploadedFile(paper.name, paper.content) for paper in made[5:]]
    batch = clients["clerk"].post("/api/v1/documents/batch/", {**sent, "files": files}).json()["id"]
    running.drain("low")
    NURSERY.close()
    assert Instance.objects.exists() and HumanTask.objects.exists()

    def ids():
        return {
            "documents": [str(pk) for pk in Document.objects.values_list("pk", flat=True)[:20]],
            "jobs": [str(pk) for pk in Job.objects.order_by("-pk").values_list("pk", flat=True)[:20]],
            "instances": [str(pk) for pk in Instance.objects.values_list("pk", flat=True)[:20]],
            "tasks": [str(pk) for pk in HumanTask.objects.values_list("pk", flat=True)[:20]],
            "definitions": list(Definition.objects.values_list("key", flat=True)),
            "queues": list(QueueName.values),
            "batches": [batch],
        }

    found = ids()  # what is made meanwhile is met now and then, too: see the long one
    return clients, Senseless(SchemaGenerator().get_schema(request=None, public=True), lambda: found)


def send(client, senseless, call, seed: str) -> int:
    """The status. Fails on a fault of ours, and on an error that is no problem document."""
    sent = senseless.request(call, random.Random(seed))
    answer = client.generic(sent.method.upper(), sent.url, sent.body, content_type=sent.content_type)
    if answer.streaming:
        for _ in answer.streaming_content:
            pass
    told = f"{sent.method} {sent.url[:300]} {sent.body[:300]!r} (seed {seed}): {answer.status_code}"
    assert answer.status_code < 500, told
    assert answer.status_code < 400 or answer["Content-Type"] == "application/problem+json", told
    return answer.status_code


def test_senseless_calls_are_answered_with_a_problem_at_worst(house):
    clients, senseless = house
    ends = Counter(
        send(client, senseless, call, f"{name}-{call.method}-{call.path}-{number}")
        for call in senseless.calls
        for name, client in clients.items()
        for number in range(FEW)
    )
    assert ends[200] > 50 and ends[400] > 50, ends


@pytest.mark.long
@pytest.mark.timeout(MINUTES * 60 + 120)
def test_so_are_new_ones_for_minutes(house):
    clients, senseless = house
    began, until, ends, number = random.randrange(1 << 32), time.monotonic() + MINUTES * 60, Counter(), 0
    while time.monotonic() < until:
        dice = random.Random(f"{began}-{number}")
        call, client = dice.choice(senseless.calls), clients[dice.choice(sorted(clients))]
        ends[send(client, senseless, call, f"{began}-{number}")] += 1
        number += 1
    print(f"\n{number} calls: {dict(ends.most_common())}")
    assert number > 1_000
