from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import User
from bench import papers
from documents.models import Document
from jobs import running
from jobs.models import Job, QueueName
from jobs.nursery import NURSERY
from kmrl import seeding
from tests.fuzz.senselessness import Senseless
from workflows.models import Definition, HumanTask, Instance


@dataclass(frozen=True)
class House:
    """People and their REST clients by user name, and what asks senselessly."""

    people: dict[str, User]
    clients: dict[str, APIClient]
    senseless: Senseless


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
    senseless = Senseless(SchemaGenerator().get_schema(request=None, public=True), lambda: found)
    return House({user.username: user for user in (administrator, clerk)}, clients, senseless)
