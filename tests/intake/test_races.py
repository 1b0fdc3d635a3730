"""What happens at the same moment, with real transactions."""

import io
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.refusals import Refusal
from accounts.rights import rights_of
from documents import collecting, idempotency, intake, locks, receiving, versions
from documents.intake import Upload
from documents.models import Blob, Document, IdempotentRequest, Version
from documents.storage import key_of, originals, sha256_of
from jobs.models import Job
from tests.intake import samples, settling

pytestmark = pytest.mark.django_db(transaction=True)


def together(count: int, act: Callable[[int], object]) -> list:
    """`act(0)` to `act(count - 1)`, begun at the same moment in threads of their own; refusals are answers."""
    barrier = threading.Barrier(count)

    def run(number: int) -> object:
        barrier.wait()
        try:
            return act(number)
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def submit(by, data: bytes, **more) -> Document:
    return intake.submit(Upload("a.pdf", file=io.BytesIO(data)), by=by, rights=rights_of(by), source="api", **more)


def test_the_same_bytes_sent_eight_times_at_once_are_one_blob_and_one_reading(clerk, api_source, kept):
    documents = together(8, lambda _: submit(clerk, samples.pdf()))
    assert len({document.pk for document in documents}) == 8
    assert Blob.objects.count() == len(kept()) == Job.objects.count() == 1
    original = Document.objects.get(duplicate_of=None)
    assert set(Document.objects.exclude(pk=original.pk).values_list("duplicate_of", flat=True)) == {original.pk}
    settling.read(original, "text")
    assert Document.objects.filter(status="processed").count() == 8


def test_bytes_that_are_sent_while_they_are_collected_are_there_afterwards(remembered, clerk, api_source, place):
    data = samples.pdf()
    sha256, _ = sha256_of(io.BytesIO(data))
    for _ in range(5):
        Document.objects.all().delete()
        originals().put(sha256, io.BytesIO(data))
        old = timezone.now() - timedelta(days=2)
        Blob.objects.update(created_at=old)
        os.utime(place / "originals" / key_of(sha256), (old.timestamp(),) * 2)
        together(3, lambda number: submit(clerk, data) if number else collecting.collect())
        assert originals().exists(key_of(sha256)) and Blob.objects.count() == 1
        assert Version.objects.count() == 2


def test_the_collector_looks_again_under_the_lock(remembered, clerk, api_source, place, monkeypatch):
    """An upload is recorded after the collector chose its bytes: they stay."""
    data = samples.pdf()
    sha256, _ = sha256_of(io.BytesIO(data))
    originals().put(sha256, io.BytesIO(data))
    old = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(place / "originals" / key_of(sha256), (old, old))
    hold = locks.hold_bytes

    def upload_first(hashes):
        monkeypatch.undo()
        submit(clerk, data)
        hold(hashes)

    monkeypatch.setattr(collecting.locks, "hold_bytes", upload_first)
    assert collecting.collect().removed == 0
    assert originals().exists(key_of(sha256))


def test_a_request_that_is_still_being_answered_is_not_answered_twice(clerk, api_source):
    key = idempotency.Key(f"user:{clerk.pk}", "upload", "k")
    inside, leave = threading.Event(), threading.Event()
    receive = receiving.receive

    def slow(*args):
        inside.set()
        assert leave.wait(10)
        return receive(*args)

    def act(number: int) -> Document:
        if number == 0:
            return submit(clerk, samples.pdf(), idempotency=key)
        assert inside.wait(10)
        try:
            return submit(clerk, samples.pdf(), idempotency=key)
        finally:
            leave.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake.receiving, "receive_new", lambda *_: None)  # the long way, as with bytes that are known
        patch.setattr(intake.receiving, "receive", slow)
        first, second = together(2, act)
    assert isinstance(first, Document)
    assert (second.status, second.code) == (409, "in_flight")
    assert submit(clerk, samples.pdf(), idempotency=key).pk == first.pk
    assert Document.objects.count() == IdempotentRequest.objects.count() == 1


def test_a_request_whose_key_somebody_holds_writes_nothing(clerk, api_source):
    key = idempotency.Key(f"user:{clerk.pk}", "upload", "k")
    held, leave = threading.Event(), threading.Event()

    def act(number: int) -> object:
        if number == 0:
            with transaction.atomic():
                assert locks.try_hold(idempotency.Asked(key, "").number)
                held.set()
                return leave.wait(10)
        assert held.wait(10)
        try:
            return submit(clerk, samples.pdf(), idempotency=key)
        finally:
            leave.set()

    _, refused = together(2, act)
    assert (refused.status, refused.code) == (409, "in_flight")
    assert Document.objects.count() == IdempotentRequest.objects.count() == Job.objects.count() == 0
    assert submit(clerk, samples.pdf(), idempotency=key).status == "queued"


def test_a_retried_request_has_one_effect_however_often_it_comes_at_once(clerk, api_source):
    key = idempotency.Key(f"user:{clerk.pk}", "upload", "k")
    answers = together(6, lambda _: submit(clerk, samples.pdf(), idempotency=key))
    given = {answer.pk for answer in answers if isinstance(answer, Document)}
    assert len(given) == 1 and {a.code for a in answers if isinstance(a, Refusal)} <= {"in_flight"}
    assert Document.objects.count() == Job.objects.count() == 1


def test_versions_sent_at_once_get_numbers_without_gaps(clerk, api_source):
    document = submit(clerk, samples.pdf())
    answers = together(
        5,
        lambda n: versions.add(
            Upload("v.txt", file=io.BytesIO(b"version %d" % n)), document=document, by=clerk, rights=rights_of(clerk)
        ),
    )
    assert not [answer for answer in answers if isinstance(answer, Refusal)]
    assert list(document.versions.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    document.refresh_from_db()
    assert document.newest.number == 6 and document.status == "queued"
    assert Job.objects.filter(state="queued", kind="document.process").get().payload["version"] == document.newest_id


def test_two_heads_who_stop_the_same_work_stop_it_once(clerk, head, person, operations, api_source, api_client_as):
    second = person("second", role="head", of=operations)
    document = submit(clerk, samples.pdf())
    clients = [api_client_as(head), api_client_as(second)]
    answers = together(2, lambda n: clients[n].post(f"/api/v1/documents/{document.pk}/cancel/").status_code)
    assert sorted(answers) == [200, 409]
    document.refresh_from_db()
    assert document.status == "cancelled"


def test_two_heads_who_correct_at_once_leave_a_whole_history(
    clerk, head, person, operations, api_source, api_client_as
):
    second = person("second", role="head", of=operations)
    document = submit(clerk, samples.pdf())
    clients = [api_client_as(head), api_client_as(second)]
    at = f"/api/v1/documents/{document.pk}/"
    answers = together(2, lambda n: clients[n].patch(at, {"title": f"title {n}"}, format="json").status_code)
    assert answers == [200, 200]
    entries = clients[0].get(at + "history/").json()["results"]
    assert [entry["sequence"] for entry in entries] == [1, 2, 3]
    assert entries[2]["before"] == entries[1]["after"]


def test_an_upload_that_is_rolled_back_leaves_no_row_and_its_bytes_are_collected(
    remembered, clerk, api_source, place, kept
):
    with transaction.atomic():
        submit(clerk, samples.pdf())
        transaction.set_rollback(True)
    assert not Document.objects.exists() and not Blob.objects.exists() and not Job.objects.exists()
    (stray,) = kept()
    os.utime(stray, ((timezone.now() - timedelta(days=2)).timestamp(),) * 2)
    assert collecting.collect().removed == 1 and kept() == []
