"""The walk: each function that changes something is called once, and what it tells is what a fresh fetch answers.

`deeds()` finds those functions in the code: all that tell an event or record history. One that is new is not walked
yet, so the test fails until a step for it stands here.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from jsonschema import Draft202012Validator

from accounts.models import User
from documents import bin as the_bin
from documents import ledger, notices, processing
from documents.models import Document
from jobs import finishing, kinds, polling
from jobs.alerts import raising
from jobs.alerts.readings import Reading
from jobs.finishing import Failure
from jobs.models import Alert, Job, Queue
from jobs.run import _tell as tell_of_a_run
from realtime import bell, schema, sequencer
from realtime.catalogue import CATALOGUE
from realtime.models import Event
from realtime.notices import telling
from realtime.notices.telling import News
from tests.intake import samples, settling
from tests.live import workflow_walk

BASE = Path(configured.BASE_DIR)
TELLS = {("events", "tell"), ("events", "tell_many"), ("events", "row_of")}
RECORDS = {("history", "record"), ("history", "record_many"), ("history", "entries_of")}
NOT_WALKED = {
    "jobs/unasked.py drain": "a worker's; it is in its own tests, and no event speaks of workers",
}
KNOWN = ("id", "title", "status", "version", "page_count", "language", "confidence_score")  # what document.status says


def deeds() -> set[str]:
    """`file function` of every function outside the edges that tells an event or records history."""
    found = set()
    for app in ("documents", "jobs", "realtime", "workflows"):
        for file in (BASE / app).rglob("*.py"):
            where = file.relative_to(BASE)
            if {"admin", "management", "migrations"} & set(where.parts) or where.name in ("admin.py", "events.py"):
                continue
            for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef) and any(_is_deed(node) for node in ast.walk(function)):
                    found.add(f"{where} {function.name}")
    return found


def _is_deed(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return (getattr(node.func.value, "id", ""), node.func.attr) in TELLS | RECORDS


class Walk:
    """Calls, notes which functions ran, and compares what was told with what the API answers."""

    def __init__(self, look: Callable[[str], Any], look_as: Callable[[int, str], Any]) -> None:
        self._look, self._look_as = look, look_as
        self._codes: set[CodeType] = set()
        self.told: set[str] = set()
        self.passing: list[tuple[str, dict]] = []
        self._known: dict[str, dict] = {}
        self._last = sequencer.number_events()

    def __enter__(self) -> "Walk":
        self._before = sys.gettrace()
        sys.settrace(self._note)
        return self

    def __exit__(self, *ended: object) -> None:
        sys.settrace(self._before)

    def _note(self, frame, *_: object) -> None:
        """Every call and nothing else: no function's lines are traced."""
        self._codes.add(frame.f_code)

    @property
    def ran(self) -> set[str]:
        """Our functions that were called, as `deeds` names them."""
        ours = [code for code in tuple(self._codes) if code.co_filename.startswith(str(BASE))]
        return {f"{Path(code.co_filename).relative_to(BASE)} {code.co_name}" for code in ours}

    def step(self, *expected: str) -> None:
        """What was told since the last step is of these types, each as its schema says and as the API answers."""
        last = sequencer.number_events()
        new = list(Event.objects.filter(position__gt=self._last).order_by("position"))
        self._last = last
        passing, self.passing[:] = list(self.passing), []
        assert {event.type for event in new} | {kind for kind, _ in passing} == set(expected)
        for kind, data in [*((event.type, event.data) for event in new), *passing]:
            Draft202012Validator(schema.of_data(CATALOGUE[kind])).validate(data)
        self.told |= set(expected)
        newest = {(event.type, str(event.data.get("id"))): event for event in new}
        for event in newest.values():
            self._compare(event, newest)
        for kind, data in passing:
            self._compare_passing(kind, data)
        self._everything_known_is_true()

    def _compare(self, event: Event, newest: dict) -> None:
        data = dict(event.data)
        if event.type.startswith("document."):
            fetched = self._look(f"documents/{data['id']}/")
            later = newest.get(("document.status", data["id"]))
            if event.type == "document.failed":
                assert fetched["error"] == {"code": data.pop("code"), "detail": data.pop("detail")}
            if event.type == "document.version":
                versions = {one["version"]: one for one in self._look(f"documents/{data['id']}/versions/")["results"]}
                assert data.pop("uploaded_by") == versions[data["version"]]["uploaded_by"]
            if event.type == "document.received" and later is not None:
                data.pop("status")  # it has moved on in the same transaction: `later` says to where
            batch = Document.objects.get(pk=data["id"]).batch_id
            assert data.pop("batch", str(batch)) == (str(batch) if batch else None) or event.type == "document.version"
            assert data == {name: fetched[name] for name in data}
            self._known.setdefault(data["id"], {}).update({k: v for k, v in data.items() if k in KNOWN})
        elif event.type == "job.dead":
            fetched = self._look(f"jobs/{data['id']}/")
            assert fetched["error"] == {"code": data.pop("error_code"), "detail": data.pop("error_detail")}
            assert data == {name: fetched[name] for name in data}
        elif event.type == "system.alert":
            alert = Alert.objects.get(name=data["code"], subject=data["subject"])
            assert (data["level"], data["detail"], data["cleared"]) == (
                alert.level,
                alert.text,
                alert.cleared_at is not None,
            )
        elif event.type == "system.health":
            assert data["alerts"] == Alert.objects.filter(cleared_at=None).count()
        elif event.type.startswith(("workflow.", "task.", "sla.")):
            workflow_walk.compare(event.type, data, self._look)
        elif not data["read"]:
            assert event.type == "notification"
            (pk,) = (int(key.partition(":")[2]) for key in event.audience)
            fetched = {one["id"]: one for one in self._look_as(pk, "notifications/")["results"]}[data["id"]]
            assert {name: data[name] for name in ("kind", "importance", "count")} == {
                name: fetched[name] for name in ("kind", "importance", "count")
            }

    def _compare_passing(self, kind: str, data: dict) -> None:
        if kind == "batch.progress":
            fetched = self._look(f"batches/{data['id']}/")
            assert {name: fetched[name] for name in data if name in fetched} == {
                name: value for name, value in data.items() if name in fetched
            }
            assert {"total", "settled", "failed"} <= set(fetched)
        elif kind == "queue.status":
            fetched = self._look("admin/queue/status/")
            assert data["workers"] == len(fetched["workers"])
        else:
            assert kind in ("document.progress", "job.progress")

    def _everything_known_is_true(self) -> None:
        """Whoever adds up the events knows of each document what the API says of it now."""
        for pk, known in list(self._known.items()):
            fetched = self._look(f"documents/{pk}/")
            if fetched.get("code") == "not_found":
                del self._known[pk]
                continue
            told = {name: known[name] for name in KNOWN if name in known}
            assert told == {name: fetched[name] for name in told}


@pytest.fixture
def walk(transactional_db, api_client_as, administrator, monkeypatch) -> Iterator[Walk]:
    client = api_client_as(administrator)
    walking = Walk(
        lambda path: client.get(f"/api/v1/{path}").json(),
        lambda pk, path: api_client_as(User.objects.get(pk=pk)).get(f"/api/v1/{path}").json(),
    )

    def publish(*, type: str, at, audience: list[str], data: dict) -> None:
        walking.passing.append((type, data))

    monkeypatch.setattr(bell, "publish_ephemeral", publish)
    for name in ("high", "default", "low"):
        Queue.objects.get_or_create(name=name)
    with walking:
        yield walking


def file(text: str, name: str = "note.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, samples.pdf(text), content_type="application/pdf")


def running(document: Document, *, attempt: int = 1) -> Job:
    """Its job as a worker holds it."""
    lease = timezone.now() + timedelta(minutes=1)
    Job.objects.filter(pk=document.job_id).update(state="running", attempt=attempt, fence=1, lease_until=lease)
    return Job.objects.get(pk=document.job_id)


def test_what_every_change_tells_equals_a_fresh_fetch(
    walk, clerk, head, administrator, api_source, api_client_as, operations
):
    mine, root = api_client_as(clerk), api_client_as(administrator)

    def sent(text: str) -> Document:
        form = {"file": file(text), "source": "api", "department": "operations"}
        answer = mine.post("/api/v1/documents/upload/", form, format="multipart")
        assert answer.status_code == 202, answer.content
        return Document.objects.get(pk=answer.json()["id"])

    def done(answer) -> None:
        assert 200 <= answer.status_code < 300, answer.content

    status, failed, bell_rings = "document.status", "document.failed", "notification"
    paper = sent("one")
    walk.step("document.received")
    at = f"/api/v1/documents/{paper.pk}/"

    with transaction.atomic():
        processing.began([running(paper)])
    walk.step(status)
    job = Job.objects.get(pk=paper.job_id)
    processing.progressed(job, 40, "reading", 2.0)
    tell_of_a_run(job, 40, "reading", None)
    walk.step("document.progress", "job.progress")
    settling.read(paper, "Rail joint gap", "measured")
    walk.step(status)
    done(mine.patch(at, {"title": "Gap at Aluva"}, format="json"))
    walk.step(status)
    done(mine.patch(at, {"access": "restricted", "people": ["head"]}, format="json"))
    walk.step(status)
    done(root.get(at))  # a look at what is restricted is recorded, and told to nobody
    walk.step()
    done(mine.post(f"{at}versions/", {"file": file("one, again")}, format="multipart"))
    walk.step(status, "document.version")
    done(mine.post(f"{at}cancel/"))
    walk.step(status)
    done(mine.post(f"{at}reprocess/"))
    walk.step(status)
    settling.fail(paper, "damaged")
    walk.step(status, failed, bell_rings)
    done(mine.delete(at))
    walk.step(status)
    done(mine.post(f"{at}restore/"))
    walk.step(status)

    original = sent("the same bytes")
    copy = sent("the same bytes")
    walk.step("document.received")
    settling.read(original, "text")  # the one that waits for it settles too
    walk.step(status)
    third = sent("the same bytes")
    walk.step("document.received", status)
    assert Document.objects.get(pk=copy.pk).status == Document.objects.get(pk=third.pk).status == "processed"
    bad, alike = sent("bad bytes"), sent("bad bytes")
    walk.step("document.received")
    settling.fail(bad, "encrypted")
    walk.step(status, failed, bell_rings)
    assert Document.objects.get(pk=alike.pk).status == "failed"

    form = {"files": [file("b1", "b1.pdf"), file("b2", "b2.pdf")], "source": "api", "department": "operations"}
    answer = mine.post("/api/v1/documents/batch/", form, format="multipart")
    done(answer)
    walk.step("document.received")
    first, second = (Document.objects.get(pk=one["id"]) for one in answer.json()["documents"])
    settling.read(first, "text")
    walk.step(status, "batch.progress")
    done(mine.post(f"/api/v1/batches/{answer.json()['id']}/cancel/"))
    walk.step(status, "batch.progress", bell_rings)
    assert Document.objects.get(pk=second.pk).status == "cancelled"

    doomed = sent("doomed")
    walk.step("document.received")
    job = running(doomed, attempt=99)
    finishing.fail(kinds.get(job.kind), job, Failure("internal", "It broke."))
    walk.step(status, failed, "job.dead", bell_rings)
    done(root.post(f"/api/v1/admin/queue/jobs/{job.pk}/retry/"))
    walk.step(status)
    done(root.post(f"/api/v1/admin/queue/jobs/{job.pk}/priority/", {"priority": "high"}, format="json"))
    walk.step()
    done(root.post(f"/api/v1/admin/queue/jobs/{job.pk}/cancel/"))
    walk.step(status)

    reading = {"name": "disk", "subject": "data", "threshold": 1, "calm": 1, "text": "The disk is full."}
    (alert,) = raising.settle_now(Reading(value=2, **reading))
    walk.step("system.alert", "system.health", bell_rings)
    raising.acknowledge(alert_id=alert.pk, by=administrator)
    walk.step()
    raising.settle_now(Reading(value=0, **reading))
    walk.step("system.alert", "system.health", bell_rings)
    polling._told.clear()
    polling._tell_status()
    walk.step("queue.status")
    with transaction.atomic():
        telling.notify_many([News(kind=notices.FAILED, to=clerk.pk, subject=f"document:{bad.pk}", title="Bad bytes")])
    walk.step(bell_rings)
    done(root.post("/api/v1/notifications/read/", {"all": True}, format="json"))
    walk.step(bell_rings)

    done(root.post("/api/v1/admin/queue/queues/low/pause/"))
    done(root.post("/api/v1/admin/queue/queues/low/resume/"))
    ledger.ask_for(day=timezone.localdate(), by=administrator)
    stuck = sent("stuck")
    walk.step("document.received")
    Job.objects.filter(pk=stuck.job_id).delete()
    Document.objects.filter(pk=stuck.pk).update(job_id=None)
    assert ledger._read_again(str(stuck.pk))
    walk.step()
    Job.objects.filter(state="succeeded").update(finished_at=timezone.now() - timedelta(days=400))
    done(root.delete("/api/v1/admin/queue/finished/?state=succeeded&older_than=300"))
    done(mine.delete(at))
    walk.step(status)
    Document.objects.filter(pk=paper.pk).update(binned_at=timezone.now() - timedelta(days=99))
    assert the_bin.empty() == 1
    walk.step()

    ways = sent("to be asked about")
    walk.step("document.received")
    settling.read(ways, "text")
    walk.step(status)
    workflow_walk.go_through(walk, root, api_client_as(head), ways)

    found = deeds()
    assert found >= set(NOT_WALKED)
    assert found - walk.ran - set(NOT_WALKED) == set(), "these tell or record and have no step in this walk"
    assert walk.told >= {name for name, told in CATALOGUE.items() if not told.to_come} - {"presence"}


def test_the_search_for_deeds_finds_them():
    code = ["def a(): events.tell(1, to=[])", "def b(): history.record('x', 1, 'y', by=None)", "def c(): tell(1)"]
    functions = [ast.parse(line) for line in code]
    assert [any(_is_deed(node) for node in ast.walk(one)) for one in functions] == [True, True, False]
    assert {"documents/bin.py _tell", "jobs/finishing.py tell_dead", "documents/settling.py _tell"} <= deeds()
