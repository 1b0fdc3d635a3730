"""Versions, corrections, the bin, stopping and reading again."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import history
from accounts.refusals import NotAllowed, NotFound
from accounts.rights import rights_of
from documents import bin, collecting, control, versions
from documents.intake import Upload
from documents.models import Document, Page, PageIndex, Version
from jobs.models import Job
from realtime.models import Event
from tests.intake import samples, settling

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(api_client_as):
    """`ask(clerk, "patch", document, "", {...})` → (status, answer)."""

    def call(user, method, document, path="", data=None, *, multipart=False):
        client = api_client_as(user)
        at = f"/api/v1/documents/{document.pk}/{path}"
        answer = getattr(client, method)(at, data, format="multipart" if multipart else "json")
        return answer.status_code, answer.json()

    return call


def new_version(ask, user, document, data: bytes, name="v2.pdf", **headers):
    return ask(user, "post", document, "versions/", {"file": SimpleUploadedFile(name, data)}, multipart=True)


# --- versions


def test_new_bytes_become_the_newest_version_and_text_stays_that_of_the_last_read_one(ask, send, clerk, kept):
    document = settling.read(send(clerk), "old text")
    first = document.newest
    status, said = new_version(ask, clerk, document, samples.pdf("new"))
    assert (status, said["version"], said["status"]) == (202, 2, "queued")
    document.refresh_from_db()
    assert document.readable == first and document.newest.number == 2 and document.settled_at is None
    assert Job.objects.get(pk=document.job_id).payload["version"] == document.newest_id
    assert len(kept()) == 2
    settling.read(document, "new text")
    assert document.readable == document.newest and document.status == "processed"
    _, versions = ask(clerk, "get", document, "versions/")
    assert [(one["version"], one["status"]) for one in versions["results"]] == [(2, "processed"), (1, "processed")]
    told = list(Event.objects.order_by("id").values_list("type", flat=True))
    assert told.index("document.version") > told.index("document.received")


def test_a_new_version_stops_the_work_on_the_one_before(ask, send, clerk):
    document = send(clerk)
    old = Job.objects.get()
    new_version(ask, clerk, document, samples.pdf("new"))
    old.refresh_from_db()
    document.refresh_from_db()
    assert (old.state, document.status) == ("cancelled", "queued")
    assert list(document.versions.values_list("status", flat=True)) == ["cancelled", "queued"]
    assert Job.objects.filter(state="queued", kind="document.process").count() == 1


def test_those_that_awaited_the_version_before_are_read_by_themselves(ask, send, clerk):
    first, again = send(clerk), send(clerk)
    new_version(ask, clerk, first, samples.pdf("new"))
    again.refresh_from_db()
    assert again.duplicate_of is None and again.job_id is not None and again.status == "queued"


def test_the_newest_versions_bytes_are_no_new_version(ask, send, clerk):
    document = settling.read(send(clerk), "text")
    status, said = new_version(ask, clerk, document, samples.pdf())
    assert (status, said["code"]) == (409, "duplicate")
    assert Version.objects.count() == 1


def test_a_refused_version_changes_nothing(ask, send, clerk, kept):
    document = settling.read(send(clerk), "text")
    status, said = new_version(ask, clerk, document, b"MZ\0\0" + bytes(60))
    assert (status, said["code"]) == (415, "unsupported")
    assert Version.objects.count() == 1 and len(kept()) == 1


# --- corrections


def test_no_title_brings_a_second_line_into_lists_and_letters(ask, api_client_as, send, clerk):
    document = send(clerk)
    title = "Bill\n\nLook at it and decide:\r\nhttp://evil.example/"
    status, said = ask(clerk, "patch", document, "", {"title": title})
    assert (status, said["title"]) == (200, "Bill Look at it and decide: http://evil.example/")
    assert ask(clerk, "patch", document, "", {"title": "\u202e\n"})[0] == 400
    upload = {"file": SimpleUploadedFile("b.pdf", samples.pdf("b")), "source": "api", "title": title}
    sent = api_client_as(clerk).post("/api/v1/documents/upload/", upload, format="multipart")
    assert (sent.status_code, sent.json()["title"]) == (202, "Bill Look at it and decide: http://evil.example/")


def test_corrections_are_written_with_what_was_before(ask, send, clerk):
    document = send(clerk)
    changes = {"title": "Job card", "document_type": "job_card", "document_date": "2026-11-05", "metadata": {"a": 1}}
    status, said = ask(clerk, "patch", document, "", changes)
    assert status == 200 and {name: said[name] for name in changes} == changes
    entry = history.of("document", document.pk).last()
    assert entry.before == {"title": "note", "document_type": "", "document_date": None, "metadata": {}}
    assert entry.after == changes
    ask(clerk, "patch", document, "", changes)
    assert history.of("document", document.pk).count() == 2  # nothing changed the second time


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"document_type": "novel"},
        {"document_date": "tomorrow"},
        {"status": "processed"},
        {"people": "x"},
    ],
)
def test_a_wrong_correction_changes_nothing(ask, send, clerk, changes):
    document = send(clerk)
    status, said = ask(clerk, "patch", document, "", {"metadata": {"a": 1}} | changes)
    assert (status, list(said["errors"])) == (400, list(changes))
    document.refresh_from_db()
    assert document.metadata == {}


def test_a_document_moves_only_to_departments_that_one_may_send_to(ask, send, clerk, person, operations, safety):
    document = send(clerk)
    assert ask(clerk, "patch", document, "", {"department": "safety"})[0] == 403
    both = person("both", of=operations)
    both.memberships.create(department=safety)
    assert ask(both, "patch", document, "", {"department": "safety"})[1]["department"] == "safety"
    assert ask(clerk, "get", document)[0] == 404
    assert ask(both, "patch", document, "", {"department": None})[0] == 403  # only its uploader may


def test_who_sees_it_is_decided_by_who_controls_it_and_nobody_locks_himself_out(
    ask, send, clerk, reviewer, head, auditor, outsider
):
    document = send(clerk)
    assert ask(reviewer, "patch", document, "", {"access": "restricted"})[0] == 403
    status, said = ask(clerk, "patch", document, "", {"access": "restricted", "people": ["outsider"]})
    assert (status, said["access"]) == (200, "restricted")
    seen = [user for user in (clerk, reviewer, head, outsider, auditor) if ask(user, "get", document)[0] == 200]
    assert seen == [clerk, outsider, auditor]
    told = Event.objects.order_by("-id").first()
    assert f"user:{outsider.pk}" in told.audience and not any(key.startswith("department:") for key in told.audience)
    assert ask(clerk, "patch", document, "", {"people": ["nobody-at-all"]})[0] == 400
    assert ask(clerk, "patch", document, "", {"access": "department"})[0] == 200
    assert ask(head, "get", document)[0] == 200


def test_looks_at_restricted_documents_by_those_who_see_all_are_recorded_once_an_hour(
    ask, send, clerk, auditor, administrator
):
    document = send(clerk)
    ask(auditor, "get", document)
    ask(clerk, "patch", document, "", {"access": "restricted"})
    for user in (auditor, auditor, administrator, clerk):
        assert ask(user, "get", document)[0] == 200
    looks = history.of("document", document.pk).filter(action="looked")
    assert [entry.actor_name for entry in looks] == ["auditor", "administrator"]


def test_a_changed_priority_moves_the_work(ask, send, clerk):
    document = send(clerk)
    assert ask(clerk, "patch", document, "", {"priority": "emergency"})[1]["priority"] == "emergency"
    job = Job.objects.get()
    assert (job.queue, job.urgency) == ("high", 0)
    status, said = ask(clerk, "patch", document, "", {"priority": ["low"]})
    assert (status, list(said["errors"])) == (400, ["priority"])
    job.refresh_from_db()
    assert job.urgency == 0


# --- stopping and reading again


def test_work_is_stopped_once(ask, send, clerk):
    document = send(clerk)
    status, said = ask(clerk, "post", document, "cancel/")
    assert (status, said["status"], said["job"]["state"]) == (200, "cancelled", "cancelled")
    assert ask(clerk, "post", document, "cancel/")[1]["code"] == "illegal_move"


def test_a_settled_document_is_read_again_and_one_in_work_is_not(ask, send, clerk):
    document = send(clerk)
    assert ask(clerk, "post", document, "reprocess/")[1]["code"] == "illegal_move"
    settling.read(document, "text")
    status, said = ask(clerk, "post", document, "reprocess/")
    assert (status, said["status"]) == (202, "queued")
    assert Job.objects.filter(kind="document.process").count() == 2
    settling.read(document, "other text")
    assert Page.objects.get().text == "other text" and document.status == "processed"


def test_a_clerk_controls_only_own_documents_and_a_head_all_of_the_department(ask, send, clerk, reviewer, head):
    document = send(clerk)
    for path in ("cancel/", "reprocess/"):
        assert ask(reviewer, "post", document, path)[0] == 403
    assert ask(reviewer, "delete", document)[0] == 403
    assert ask(head, "post", document, "cancel/")[0] == 200
    assert ask(head, "delete", document)[0] == 200


# --- the bin


def test_what_is_thrown_away_leaves_the_list_and_comes_back(ask, send, clerk, api_client_as):
    document = settling.read(send(clerk), "text")
    status, said = ask(clerk, "delete", document)
    assert status == 200 and said["binned_at"]
    client = api_client_as(clerk)
    assert client.get("/api/v1/documents/").json()["results"] == []
    assert [one["id"] for one in client.get("/api/v1/documents/?bin=true").json()["results"]] == [str(document.pk)]
    for method, path, data in (
        ("delete", "", None),
        ("patch", "", {"title": "x"}),
        ("post", "reprocess/", None),
    ):
        assert ask(clerk, method, document, path, data)[1]["code"] == "illegal_move"
    assert new_version(ask, clerk, document, samples.pdf("new"))[1]["code"] == "illegal_move"
    assert ask(clerk, "post", document, "restore/")[1]["status"] == "processed"
    assert ask(clerk, "post", document, "restore/")[1]["code"] == "illegal_move"
    assert [entry.action for entry in history.of("document", document.pk)][-2:] == ["binned", "restored"]


def test_throwing_away_stops_the_work(ask, send, clerk):
    document = send(clerk)
    assert ask(clerk, "delete", document)[1]["status"] == "cancelled"
    assert Job.objects.get(kind="document.process").state == "cancelled"


def test_the_bin_is_emptied_after_thirty_days(send, clerk, place, kept):
    documents = [settling.read(send(clerk, b"note %d" % n, f"{n}.txt"), "text") for n in range(3)]
    again = send(clerk, b"note 0", "again.txt")
    for document in documents[:2]:
        bin.discard(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    Document.objects.filter(pk=documents[0].pk).update(binned_at=timezone.now() - timedelta(days=31))
    assert bin.empty() == 1
    assert set(Document.objects.values_list("pk", flat=True)) == {documents[1].pk, documents[2].pk, again.pk}
    assert Page.objects.count() == 3 and not PageIndex.objects.filter(document=documents[0].pk).exists()
    assert history.of("document", documents[0].pk).last().action == "removed"
    again.refresh_from_db()
    assert again.duplicate_of is None and again.status == "processed"
    assert collecting.collect().removed == 0 and len(kept()) == 3


def test_a_document_whose_work_was_stopped_awaits_nobody(send, clerk):
    document = send(clerk)
    bin.discard(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    restored = bin.restore(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    assert restored.status == "cancelled"
    assert control.reprocess(document_id=document.pk, by=clerk, rights=rights_of(clerk)).status == "queued"


def test_who_lost_the_right_meanwhile_is_refused_under_the_lock(send, clerk, reviewer, outsider):
    document = send(reviewer, b"a paper of somebody else", "paper.txt")
    past = history.of("document", document.pk).count()

    with pytest.raises(NotAllowed):
        bin.discard(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    with pytest.raises(NotFound):
        control.cancel(document_id=document.pk, by=outsider, rights=rights_of(outsider))
    with pytest.raises(NotFound):
        versions.add(
            Upload("v.txt", file=io.BytesIO(b"other bytes")), document=document, by=outsider, rights=rights_of(outsider)
        )

    document.refresh_from_db()
    assert (document.status, document.binned_at, document.versions.count()) == ("queued", None, 1)
    assert history.of("document", document.pk).count() == past
