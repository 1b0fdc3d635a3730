"""The straight way of an upload answers as the long way does, and records many at once."""

import asyncio
import json
import threading

import pytest
from channels.db import database_sync_to_async
from django.db import DataError, OperationalError, connection
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from accounts import api_keys
from documents.api import desk, straight
from documents.api.straight import Straight
from documents.gate import Gate
from documents.models import Blob, Document, IdempotentRequest, Source, Version
from documents.storage import folder
from jobs import waking
from jobs.models import Job
from kmrl import headers
from kmrl.one_thread import OneThread
from realtime import bell
from realtime.models import Event
from tests.intake import samples
from tests.intake.test_gate import BOUNDARY, Call

pytestmark = pytest.mark.django_db(transaction=True)
CHANGES = {"id", "upload_time", "job", "sha256", "file_size"}
OWN_HEADERS = {"content-length": "", "location": ""}


async def nobody(scope, receive, send):
    raise AssertionError("the request took the long way")


def straight_only() -> Gate:
    return Gate(Straight(nobody, headers.of_data))


def long_way() -> Gate:
    return Gate(OneThread())


def form(data: bytes | None, name: str = "note.pdf", **fields: str) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in {"source": "api", **fields}.items()
    ]
    if data is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        parts.append(head + data + b"\r\n")
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


@pytest.fixture
def bearer(clerk, api_source) -> dict[str, str]:
    return {"authorization": f"Bearer {AccessToken.for_user(clerk)}"}


@pytest.fixture
def session(clerk, api_source) -> dict[str, str]:
    """What a browser sends of somebody who is signed in."""
    client = Client()
    client.force_login(clerk)
    token = "a" * 32
    return {"cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}", "x-csrftoken": token}


def documents() -> list[Document]:
    return list(Document.objects.select_related("newest").order_by("uploaded_at"))


async def both(body, **shown) -> tuple[Call, Call]:
    """The answers of both ways to the same request; `body(n)` is that of the n-th."""
    return await Call(body(1)).to(straight_only(), **shown), await Call(body(2)).to(long_way(), **shown)


def assert_alike(one: Call, two: Call) -> None:
    assert one.status == two.status
    assert one.headers.keys() == two.headers.keys()
    assert {**one.headers, **OWN_HEADERS} == {**two.headers, **OWN_HEADERS}
    said, other = json.loads(one.body), json.loads(two.body)
    assert said.keys() == other.keys()
    assert {k: v for k, v in said.items() if k not in CHANGES} == {k: v for k, v in other.items() if k not in CHANGES}


async def test_both_ways_answer_alike(bearer):
    one, two = await both(lambda n: form(samples.pdf(str(n)), title="Gap", metadata='{"a": [1, "ക"]}'), **bearer)
    assert one.status == 202
    assert_alike(one, two)
    assert int(one.headers["content-length"]) == len(one.body)
    for call in (one, two):
        assert call.headers["location"] == f"/api/v1/documents/{json.loads(call.body)['id']}/"
    first, second = await database_sync_to_async(documents)()
    assert (first.title, first.metadata) == (second.title, second.metadata) == ("Gap", {"a": [1, "ക"]})
    assert first.newest.blob_id != second.newest.blob_id


@pytest.mark.parametrize(
    ("fields", "data", "name", "status", "code"),
    [
        ({"source": "nowhere"}, b"x", "a.txt", 400, "unknown_source"),
        ({"priority": "now"}, b"x", "a.txt", 400, "invalid"),
        ({"metadata": "{"}, b"x", "a.txt", 400, "invalid"),
        ({"document_date": "05/11/2026"}, b"x", "a.txt", 400, "invalid"),
        ({"title": "x" * 256}, b"x", "a.txt", 400, "invalid"),
        ({"department": "safety"}, b"x", "a.txt", 403, "not_allowed"),
        ({}, None, "", 400, "invalid"),
        ({}, b"", "a.txt", 400, "empty"),
        ({}, b"MZ\x90\x00", "a.txt", 415, "unsupported"),
    ],
)
async def test_both_ways_refuse_alike(bearer, safety, kept, fields, data, name, status, code):
    one, two = await both(lambda n: form(data, name, **fields), **bearer)
    assert (one.status, one.code, one.headers["content-type"]) == (status, code, "application/problem+json")
    assert_alike(one, two)
    assert kept() == [] and await database_sync_to_async(documents)() == []


@pytest.mark.parametrize("body", [b"no form at all", form(b"x")[:-200], b""])
async def test_what_is_no_form_is_refused_alike(bearer, body):
    one, two = await both(lambda n: body, **bearer)
    assert one.status == 400
    assert_alike(one, two)


async def test_an_odd_key_is_refused_alike(bearer):
    one, two = await both(lambda n: form(samples.pdf(str(n))), **bearer, **{"idempotency-key": "x" * 201})
    assert one.status == 400
    assert_alike(one, two)


async def test_a_host_that_is_not_ours_is_refused_alike(bearer, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    one, two = await both(lambda n: form(samples.pdf(str(n))), **{**bearer, "host": "elsewhere.example"})
    assert (one.status, json.loads(one.body)) == (two.status, json.loads(two.body)) and one.status == 400
    assert two.headers.items() <= one.headers.items()


async def test_behind_tls_both_ways_say_so(bearer, settings):
    settings.SECURE_HSTS_SECONDS = 1000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    shown = {**bearer, "x-forwarded-proto": "https"}
    one, two = await both(lambda n: form(samples.pdf(str(n))), **shown)
    assert one.headers["strict-transport-security"] == "max-age=1000"
    assert_alike(one, two)


async def test_a_browser_is_known_by_its_cookie_and_shows_its_token(session):
    one, two = await both(lambda n: form(samples.pdf(str(n))), **session)
    assert one.status == 202
    assert_alike(one, two)


@pytest.mark.parametrize("token", ["", "b" * 32])
async def test_a_cookie_without_its_token_sends_nothing(session, kept, token):
    one, two = await both(lambda n: form(samples.pdf(str(n))), **{**session, "x-csrftoken": token})
    assert (one.status, one.code) == (403, "not_allowed")
    assert_alike(one, two)
    assert kept() == []


@pytest.mark.parametrize(
    "odd",
    [
        {"accept": "text/html"},
        {"accept": "application/json; indent=4"},
        {"content-type": "application/json"},
        {"content-encoding": "identity"},
        {"declared": None},
        {"path": "/api/v1/documents/batch/"},
    ],
)
async def test_what_is_out_of_the_ordinary_goes_the_long_way(bearer, odd):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["path"])

    await Call(form(samples.pdf())).to(Gate(Straight(app, headers.of_data)), **{**bearer, **odd})
    assert len(seen) == 1


async def test_a_large_file_goes_the_long_way(bearer):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["path"])

    await Call(form(b"x" * straight.SMALL)).to(Gate(Straight(app, headers.of_data)), **bearer)
    assert len(seen) == 1


async def test_a_key_that_was_answered_is_answered_again_and_another_request_keeps_nothing(bearer, kept):
    app, shown = straight_only(), {**bearer, "idempotency-key": "k"}
    first, again = [json.loads((await Call(form(samples.pdf())).to(app, **shown)).body) for _ in range(2)]
    assert first == again
    other = await Call(form(samples.pdf("other"))).to(app, **shown)
    assert (other.status, other.code, len(kept())) == (422, "idempotency_mismatch", 1)
    assert len(await database_sync_to_async(documents)()) == 1


def close_all() -> None:
    Document.objects.update(access="restricted", title="A merger")


@pytest.mark.parametrize("drafts", [True, False])
async def test_a_key_that_was_answered_tells_nothing_of_what_was_closed_to_its_sender(bearer, monkeypatch, drafts):
    monkeypatch.setattr(type(straight.recording.originals()), "drafts", drafts)
    app, shown = straight_only(), {**bearer, "idempotency-key": "k"}
    await Call(form(samples.pdf())).to(app, **shown)
    await database_sync_to_async(close_all)()
    again = await Call(form(samples.pdf())).to(app, **shown)
    assert (again.status, again.code) == (404, "not_found")
    assert b"merger" not in again.body


async def test_many_at_once_are_recorded_together_and_each_gets_its_own(bearer, monkeypatch):
    groups, receive_new = [], straight.recording.receiving.receive_new
    first = threading.Event()

    def slow(receipts, **more):
        groups.append(len(receipts))
        if len(groups) == 1:
            first.wait(0.3)
        return receive_new(receipts, **more)

    monkeypatch.setattr(straight.recording.receiving, "receive_new", slow)
    app = straight_only()
    shown = [{**bearer, "idempotency-key": f"k{n}"} if n % 2 else bearer for n in range(24)]
    bodies = [form(samples.pdf(str(n)), f"{n}.pdf", title=f"Paper {n}") for n in range(24)]
    calls = await asyncio.gather(*(Call(body).to(app, **one) for body, one in zip(bodies, shown, strict=True)))
    assert {call.status for call in calls} == {202}
    assert [json.loads(call.body)["title"] for call in calls] == [f"Paper {n}" for n in range(24)]
    assert sum(groups) == 24 and max(groups) >= 8
    found = await database_sync_to_async(documents)()
    assert {str(one.pk) for one in found} == {json.loads(call.body)["id"] for call in calls}

    def counted() -> set[int]:
        return {model.objects.count() for model in (Document, Version, Blob, Job, Event)}

    assert await database_sync_to_async(counted)() == {24}
    assert await database_sync_to_async(IdempotentRequest.objects.count)() == 12


async def test_the_same_bytes_and_keys_at_once_are_sorted_out(bearer):
    app = straight_only()
    same = [Call(form(samples.pdf())).to(app, **bearer) for _ in range(8)]
    keyed = [Call(form(samples.pdf("k"))).to(app, **bearer, **{"idempotency-key": "k"}) for _ in range(4)]
    bad = [Call(form(b"MZ\x90\x00")).to(app, **bearer)]
    calls = await asyncio.gather(*same, *keyed, *bad)
    assert [call.status for call in calls[:8]] == [202] * 8 and calls[-1].status == 415
    ids = {json.loads(call.body)["id"] for call in calls[8:12] if call.status == 202}
    assert len(ids) == 1 and {call.status for call in calls[8:12]} <= {202, 409}

    def standing() -> tuple[int, int, int]:
        return Document.objects.count(), Blob.objects.count(), Job.objects.count()

    assert await database_sync_to_async(standing)() == (9, 2, 2)


async def test_a_source_that_takes_none_twice_refuses_the_second(bearer):
    await database_sync_to_async(Source.objects.create)(key="strict", name="Strict", refuse_duplicates=True)
    app = straight_only()
    first = await Call(form(samples.pdf(), source="strict")).to(app, **bearer)
    second = await Call(form(samples.pdf(), source="strict")).to(app, **bearer)
    assert (first.status, second.status, second.code) == (202, 409, "duplicate")


@pytest.mark.parametrize(("error", "status"), [(DataError("bad row"), 202), (OperationalError("away"), 503)])
async def test_a_group_that_fails_is_taken_one_by_one_unless_nobody_knows_what_became_of_it(
    bearer, monkeypatch, error, status
):
    def fails(receipts, **more):
        raise error

    monkeypatch.setattr(straight.recording.receiving, "receive_new", fails)
    call = await Call(form(samples.pdf())).to(straight_only(), **bearer)
    assert call.status == status
    assert len(await database_sync_to_async(documents)()) == (status == 202)
    if status == 503:
        assert call.headers["retry-after"] == "10" and call.code == "unavailable"


async def test_a_connection_that_breaks_costs_one_upload_and_not_the_next(bearer, monkeypatch):
    receive_new, used = straight.recording.receiving.receive_new, []

    def noting(receipts, **more):
        received = receive_new(receipts, **more)
        used.append(connection.connection.info.backend_pid)
        return received

    def end(pid: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    monkeypatch.setattr(straight.recording.receiving, "receive_new", noting)
    monkeypatch.setattr(desk, "LINGER", 1.0)  # the hand still holds its connection
    app = straight_only()
    assert (await Call(form(samples.pdf("1"))).to(app, **bearer)).status == 202
    await database_sync_to_async(end)(used[0])
    statuses = [(await Call(form(samples.pdf(str(number)))).to(app, **bearer)).status for number in (2, 3, 4)]
    assert statuses == [503, 202, 202]


async def test_a_fault_of_ours_is_a_problem_and_the_next_upload_is_served(bearer, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(straight.uploads, "said_in", lambda form: 1 / 0)
        call = await Call(form(samples.pdf())).to(straight_only(), **bearer)
    assert (call.status, call.code, call.headers["content-type"]) == (500, "internal", "application/problem+json")
    assert (await Call(form(samples.pdf())).to(straight_only(), **bearer)).status == 202


async def test_the_answer_waits_for_nobody_who_is_woken(bearer, monkeypatch):
    told, answered = threading.Event(), threading.Event()

    def begin(queues, others):
        def hear() -> bool:
            assert answered.wait(5)
            told.set()
            return True

        assert (queues, others) == (["default"], [bell.words()])
        return hear

    monkeypatch.setattr(waking, "begin", begin)
    call = await Call(form(samples.pdf())).to(straight_only(), **bearer)
    assert call.status == 202 and not told.is_set()
    answered.set()
    assert await asyncio.to_thread(told.wait, 5)


async def test_what_was_not_heard_is_told_again(bearer, monkeypatch):
    woken, rung = [], threading.Event()
    monkeypatch.setattr(waking, "begin", lambda queues, others: lambda: False)
    monkeypatch.setattr(waking, "wake", woken.append)
    monkeypatch.setattr(bell, "ring", rung.set)
    assert (await Call(form(samples.pdf())).to(straight_only(), **bearer)).status == 202
    assert await asyncio.to_thread(rung.wait, 5)
    assert woken == ["default"]


async def test_work_of_low_priority_gathers_as_elsewhere(bearer, monkeypatch):
    gathered = threading.Event()
    monkeypatch.setattr(waking, "wake_soon", lambda queue: gathered.set() if queue == "low" else None)
    assert (await Call(form(samples.pdf(), priority="low")).to(straight_only(), **bearer)).status == 202
    assert await asyncio.to_thread(gathered.wait, 5)


async def test_the_answer_is_made_once_and_while_postgresql_works(bearer, monkeypatch):
    steps, name, as_json = [], folder.FolderDraft.name, straight.presentation.as_json

    def named(draft) -> None:
        steps.append("name")
        name(draft)

    def made(document, rights):
        steps.append("answer")
        return as_json(document, rights)

    monkeypatch.setattr(folder.FolderDraft, "name", named)
    monkeypatch.setattr(straight.presentation, "as_json", made)
    call = await Call(form(samples.pdf())).to(straight_only(), **bearer)
    assert (call.status, steps) == (202, ["answer", "name"])


async def test_an_answer_that_cannot_be_made_ahead_is_made_afterwards(bearer, monkeypatch):
    tried, as_json = [], straight.presentation.as_json

    def made(document, rights):
        tried.append(document.pk)
        return as_json(document, rights) if len(tried) > 1 else 1 / 0

    monkeypatch.setattr(straight.presentation, "as_json", made)
    call = await Call(form(samples.pdf())).to(straight_only(), **bearer)
    assert (call.status, len(tried), json.loads(call.body)["id"]) == (202, 2, str(tried[0]))


async def test_what_the_gate_cuts_off_is_answered_by_the_gate(bearer, settings):
    settings.MAX_UPLOAD_BYTES = 10_000
    call = await Call(form(b"x" * 1_500_000)).to(straight_only(), declared=100, **bearer)
    assert (call.status, call.code) == (413, "too_large")


async def test_a_key_bound_to_a_source_sends_from_there_alone(clerk, api_source):
    def issue() -> str:
        return api_keys.issue(name="scanner", user=clerk, by=clerk, scopes=["upload"], sources=["scanner"])[1]

    shown = {"x-api-key": await database_sync_to_async(issue)()}
    one, two = await both(lambda n: form(samples.pdf(str(n))), **shown)
    assert (one.status, one.code) == (400, "unknown_source")
    assert_alike(one, two)
