"""The calls of the REST API that the matrix asks for, and the house at work that they are asked of."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Department, User
from documents.models import Batch, Document
from jobs.models import Job, Queue, Worker

from .house import paper


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("circular.txt", b"Safety circular 12 of 2026: speed limit of 25 km/h.\n")


ON_A_DOCUMENT: dict[str, Callable[[APIClient, str], Any]] = {
    "see": lambda client, at: client.get(at),
    "download": lambda client, at: client.get(f"{at}download/"),
    "text": lambda client, at: client.get(f"{at}text/"),
    "page": lambda client, at: client.get(f"{at}pages/1/"),
    "history": lambda client, at: client.get(f"{at}history/"),
    "versions": lambda client, at: client.get(f"{at}versions/"),
    "correct": lambda client, at: client.patch(at, {"title": "Corrected"}, format="json"),
    "restrict": lambda client, at: client.patch(at, {"access": "restricted"}, format="json"),
    "move": lambda client, at: client.patch(at, {"department": "safety"}, format="json"),
    "replace": lambda client, at: client.post(f"{at}versions/", {"file": file()}),
    "cancel": lambda client, at: client.post(f"{at}cancel/"),
    "reprocess": lambda client, at: client.post(f"{at}reprocess/"),
    "discard": lambda client, at: client.delete(at),
    "restore": lambda client, at: client.post(f"{at}restore/"),
}


def send(client: APIClient, department: str) -> Any:
    return client.post("/api/v1/documents/upload/", {"file": file(), "source": "api", "department": department})


def send_many(client: APIClient, department: str) -> Any:
    said = {"files": [file(), file()], "source": "api", "department": department}
    return client.post("/api/v1/documents/batch/", said)


QUEUE = "/api/v1/admin/queue/"
IN_THE_HOUSE: dict[str, Callable[[APIClient, "World"], Any]] = {
    "upload-operations": lambda client, world: send(client, "operations"),
    "upload-safety": lambda client, world: send(client, "safety"),
    "upload-nowhere": lambda client, world: send(client, ""),
    "batch-operations": lambda client, world: send_many(client, "operations"),
    "batch-safety": lambda client, world: send_many(client, "safety"),
    "see-their-batch": lambda client, world: client.get(f"/api/v1/batches/{world.their_batch.pk}/"),
    "see-own-batch": lambda client, world: client.get(f"/api/v1/batches/{world.own_batch.pk}/"),
    "cancel-their-batch": lambda client, world: client.post(f"/api/v1/batches/{world.their_batch.pk}/cancel/"),
    "list": lambda client, world: client.get("/api/v1/documents/"),
    "in-work": lambda client, world: client.get("/api/v1/documents/processing-status/"),
    "search": lambda client, world: client.get("/api/v1/search/?q=doors"),
    "events": lambda client, world: client.get("/api/v1/events/?after=0"),
    "me": lambda client, world: client.get("/api/v1/me/"),
    "ticket": lambda client, world: client.post("/api/v1/auth/ws-ticket/"),
    "schema": lambda client, world: client.get("/api/v1/schema/"),
    "docs": lambda client, world: client.get("/api/v1/docs/"),
    "queue-status": lambda client, world: client.get(f"{QUEUE}status/"),
    "queue-jobs": lambda client, world: client.get(f"{QUEUE}jobs/"),
    "queue-cancel": lambda client, world: client.post(f"{QUEUE}jobs/{world.waiting}/cancel/"),
    "queue-retry": lambda client, world: client.post(f"{QUEUE}jobs/{world.dead}/retry/"),
    "queue-priority": lambda client, world: client.post(
        f"{QUEUE}jobs/{world.waiting}/priority/", {"priority": "high"}, format="json"
    ),
    "queue-retry-dead": lambda client, world: client.post(f"{QUEUE}retry-dead/"),
    "queue-clean": lambda client, world: client.delete(f"{QUEUE}finished/?older_than=0"),
    "queue-pause": lambda client, world: client.post(f"{QUEUE}queues/default/pause/"),
    "queue-resume": lambda client, world: client.post(f"{QUEUE}queues/low/resume/"),
    "queue-drain": lambda client, world: client.post(f"{QUEUE}workers/{world.worker}/drain/"),
}


class World:
    """A house at work: batches, a waiting and a dead job, a paused queue, a worker."""

    def __init__(self, colleague: User, asks: User, operations: Department) -> None:
        now = "2026-11-22T00:00:00Z"
        self.own_batch = Batch.objects.create(uploaded_by=asks, created_at=now)
        self.their_batch = Batch.objects.create(uploaded_by=colleague, created_at=now)
        self.waiting = paper(colleague, operations, in_work=True, batch=self.their_batch).job_id
        self.dead = paper(colleague, operations).job_id
        Job.objects.filter(pk=self.dead).update(state="dead")
        Queue.objects.update_or_create(name="low", defaults={"paused": True})
        Queue.objects.get_or_create(name="default")
        self.worker = Worker.objects.create(pk="w1", pid=1, started_at=now, seen_at=now).pk


def ask(action: str, client: APIClient, document: Document) -> Any:
    if action == "job":
        return client.get(f"/api/v1/jobs/{document.job_id}/")
    return ON_A_DOCUMENT[action](client, f"/api/v1/documents/{document.pk}/")
