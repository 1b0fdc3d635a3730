import io

import pytest
from django.utils import timezone

from accounts import history
from accounts.rights import rights_of
from documents import control, intake
from documents.models import Access, Blob, Document, Page, Source, Version
from documents.refusals import Duplicate
from jobs.models import Job
from realtime.models import Event
from tests.intake import samples, settling

pytestmark = pytest.mark.django_db


def jobs_of(document: Document) -> list[str]:
    found = Job.objects.filter(subject_id=str(document.pk)).order_by("created_at")
    return list(found.values_list("kind", flat=True))


def test_the_same_bytes_are_stored_once_and_copy_a_result_without_being_read(send, clerk, head, kept):
    first = settling.read(send(clerk), "page one", "page two")
    again = send(head, name="copy.docx")
    again.refresh_from_db()
    assert len(kept()) == Blob.objects.count() == 1
    assert (again.status, again.duplicate_of_id, again.job_id) == ("processed", first.pk, None)
    assert "document.process" not in jobs_of(again)
    version = again.newest
    assert again.readable == version and version.status == "processed" and version.page_count == 2
    assert version.confidence_score == 0.9 and version.facts == {"references": ["KMRL/1"]}
    assert version.flags == ["extension_mismatch"] and version.processed_at is not None
    assert list(version.pages.values_list("number", "text")) == [(1, "page one"), (2, "page two")]
    assert [entry.action for entry in history.of("document", again.pk)] == ["received", "processed"]
    told = Event.objects.filter(data__id=str(again.pk)).order_by("id").values_list("type", flat=True)
    assert list(told) == ["document.received", "document.status"]


def test_the_mismatch_of_ones_name_is_not_the_others(send, clerk):
    settling.read(send(clerk, name="odd.docx"), "text")
    assert Document.objects.get(pk=send(clerk).pk).newest.flags == []


def test_a_copy_awaits_an_original_in_work_and_settles_with_it(send, clerk):
    first, again = send(clerk), send(clerk)
    assert (again.status, again.duplicate_of_id, again.job_id) == ("queued", first.pk, None)
    settling.read(first, "page one")
    again.refresh_from_db()
    assert again.status == "processed" and again.newest.pages.get().text == "page one"
    assert "document.process" not in jobs_of(again)


def test_a_failure_that_lies_in_the_bytes_is_the_copys_too(send, clerk):
    first, again = send(clerk), send(clerk)
    settling.fail(first, "encrypted")
    again.refresh_from_db()
    assert (again.status, again.newest.error_code) == ("failed", "encrypted")
    told = Event.objects.filter(data__id=str(again.pk)).order_by("id").values_list("type", flat=True)
    assert list(told) == ["document.received", "document.status", "document.failed"]


@pytest.mark.parametrize("code", ["internal", "timeout"])
def test_after_a_failure_of_ours_the_copy_gets_a_job_of_its_own(send, clerk, code):
    first, again = send(clerk), send(clerk)
    settling.fail(first, code)
    again.refresh_from_db()
    assert (again.status, again.duplicate_of) == ("queued", None)
    assert jobs_of(again) == ["document.process"]


def test_when_the_original_is_stopped_the_copy_gets_a_job_of_its_own(send, clerk):
    first, again = send(clerk), send(clerk)
    control.cancel(document_id=first.pk, by=clerk, rights=rights_of(clerk))
    again.refresh_from_db()
    assert (again.status, again.duplicate_of, jobs_of(again)) == ("queued", None, ["document.process"])


def test_a_copy_that_waits_can_be_stopped_by_itself(send, clerk):
    first, again = send(clerk), send(clerk)
    stopped = control.cancel(document_id=again.pk, by=clerk, rights=rights_of(clerk))
    first.refresh_from_db()
    assert (stopped.status, stopped.newest.status, first.status) == ("cancelled", "cancelled", "queued")


def test_nobody_learns_of_a_document_that_he_may_not_see(send, clerk, outsider):
    first = settling.read(send(clerk), "secret")
    theirs = send(outsider)
    assert theirs.duplicate_of is None and jobs_of(theirs) == ["document.process"]
    first.access = Access.RESTRICTED
    first.save()
    assert send(clerk).duplicate_of is None


@pytest.mark.parametrize("end", ["failed", "binned", "cancelled"])
def test_a_document_without_use_is_no_original(send, clerk, end):
    first = send(clerk)
    if end == "failed":
        settling.fail(first, "damaged")
    elif end == "cancelled":
        control.cancel(document_id=first.pk, by=clerk, rights=rights_of(clerk))
    else:
        Document.objects.update(binned_at=timezone.now())
    again = send(clerk)
    assert again.duplicate_of is None and jobs_of(again) == ["document.process"]


def test_a_source_may_refuse_duplicates(send, clerk, outsider, api_source, kept):
    Source.objects.update(refuse_duplicates=True)
    first = send(clerk)
    with pytest.raises(Duplicate, match=str(first.pk)):
        send(clerk)
    assert Document.objects.count() == Version.objects.count() == 1 and len(kept()) == 1
    assert send(outsider).duplicate_of is None  # who may not see the first learns nothing


def test_the_same_bytes_twice_in_one_call_are_read_once(clerk, api_source):
    uploads = [intake.Upload(f"{n}.pdf", file=io.BytesIO(samples.pdf())) for n in range(3)]
    first, *others = intake.submit_many(uploads, by=clerk, rights=rights_of(clerk), source="api")
    assert [one.duplicate_of_id for one in others] == [first.pk, first.pk]
    assert Job.objects.count() == 1
    settling.read(first, "text")
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"} and Page.objects.count() == 3


def test_what_a_viewer_may_not_see_is_not_named_as_the_original(send, clerk, head, api_client_as):
    first = settling.read(send(clerk), "text")
    again = send(head)
    at = f"/api/v1/documents/{again.pk}/"
    assert api_client_as(clerk).get(at).json()["duplicate_of"] == str(first.pk)
    Document.objects.filter(pk=first.pk).update(access="restricted")
    assert api_client_as(clerk).get(at).json()["duplicate_of"] is None
