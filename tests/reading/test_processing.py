"""From a receipt to a result: a worker's own loop, real children, the real database."""

import io

import pytest

from accounts import history
from accounts.rights import rights_of
from documents import control, processing, settling, versions
from documents.intake import Upload
from documents.models import Document, Page, PageIndex, Status, Version
from documents.outcomes import Failed, Read
from jobs import claiming, running
from jobs.models import Job, JobState, Priority
from realtime.models import Event
from tests.reading import samples


def told(document: Document) -> list[tuple[str, str]]:
    events = Event.objects.filter(data__id=str(document.pk)).order_by("id")
    return [(event.type, event.data.get("status") or event.data.get("code") or "") for event in events]


def test_a_pdf_becomes_text_status_history_and_events(send, work, clerk, fresh):
    document = send(clerk, samples.pdf("First page", f"{samples.ENGLISH}\nKMRL/S&T/2026-27/0142"))
    work()
    document = fresh(document)
    version = document.newest
    assert (document.status, document.language) == ("processed", "en")
    assert document.readable_id == version.pk
    assert document.settled_at is not None
    assert (version.status, version.page_count, version.confidence_score) == ("processed", 2, 1.0)
    assert version.facts["references"] == [{"value": "KMRL/S&T/2026-27/0142", "from": "page 2"}]
    assert version.pages.get(number=1).text == "First page"
    assert told(document)[-1] == ("document.status", "processed")
    assert [entry.action for entry in history.of("document", document.pk)][-1] == "processed"
    assert history.first_break("document", document.pk) is None
    assert PageIndex.objects.filter(document=document).count() == 2
    assert not Job.objects.exclude(state=JobState.SUCCEEDED).exists()


def test_many_documents_settle_together_each_with_its_own_pages(send, work, clerk, fresh):
    documents = [send(clerk, samples.pdf(f"Circular number {number}"), f"{number}.pdf") for number in range(20)]
    work()
    assert [fresh(one).newest.pages.get().text for one in documents] == [f"Circular number {n}" for n in range(20)]
    assert all(history.first_break("document", one.pk) is None for one in documents)


def test_an_unreadable_file_fails_with_its_code_and_its_job_succeeds(send, work, clerk, fresh):
    document = send(clerk, samples.locked(user="kochi"))
    work()
    document = fresh(document)
    assert (document.status, document.readable_id) == ("failed", None)
    assert document.newest.error_code == "encrypted"
    assert "password" in document.newest.error_detail
    assert told(document)[-2:] == [("document.status", "failed"), ("document.failed", "encrypted")]
    assert Job.objects.get(pk=document.job_id).state == JobState.SUCCEEDED
    assert not Page.objects.exists()


@pytest.mark.parametrize(
    ("how", "code"), [("hang", "timeout"), ("crash", "damaged"), ("swell", "bomb"), ("blunder", "internal")]
)
def test_a_reader_that_misbehaves_ends_one_document_and_no_worker(
    send, work, reader, clerk, fresh, monkeypatch, how, code
):
    document = send(clerk)
    reader(how)
    monkeypatch.setattr(processing, "time_limit", lambda size: 1.0 if how == "hang" else 30.0)
    while work():
        Job.objects.filter(state=JobState.FAILED).update(state=JobState.QUEUED, run_after=None)
    assert fresh(document).newest.error_code == code
    assert fresh(document).status == "failed"

    monkeypatch.undo()
    after = send(clerk, samples.pdf("The next one"))
    work()
    assert fresh(after).status == "processed"


def test_a_crash_that_does_not_come_again_costs_nothing(send, work, reader, clerk, fresh):
    document = send(clerk)
    reader("crash_once")
    work()
    assert fresh(document).status == "processed"
    assert Job.objects.get(pk=document.job_id).attempt == 1


def test_a_flate_bomb_fails_as_one(send, work, clerk, fresh):
    document = send(clerk, samples.bomb(200))
    work()
    assert fresh(document).newest.error_code == "bomb"


def test_an_older_version_that_settles_late_moves_only_itself(send, work, clerk, fresh):
    document = send(clerk)
    first = document.newest_id
    with_second = Version.objects.create(
        document=document,
        number=2,
        **{
            name: getattr(document.newest, name)
            for name in ["blob_id", "original_filename", "content_type", "file_size", "uploaded_by_id", "uploaded_at"]
        },
    )
    Document.objects.filter(pk=document.pk).update(newest=with_second)
    read = Read(["old text"], [1.0], 1, 0, "en", 1.0)
    settling.settle([(first, read)])
    document = fresh(document)
    assert (document.status, document.readable_id) == ("queued", first)
    assert Version.objects.get(pk=first).status == "processed"

    settling.settle([(with_second.pk, Failed("damaged", "Cut."))])
    document = fresh(document)
    assert (document.status, document.readable_id) == ("failed", first)

    settling.settle([(first, Failed("damaged", "Cut."))])
    assert fresh(document).newest_id == with_second.pk


def test_settling_twice_keeps_one_set_of_pages(send, work, clerk, fresh):
    document = send(clerk, samples.pdf("one", "two"))
    work()
    control.reprocess(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    assert fresh(document).status == "queued"
    work()
    assert list(fresh(document).newest.pages.values_list("text", flat=True)) == ["one", "two"]
    assert PageIndex.objects.filter(document=document).count() == 2


def test_a_new_version_is_served_once_it_is_read(send, work, clerk, fresh):
    document = send(clerk, samples.pdf("old words"))
    work()
    versions.add(_upload(samples.pdf("new words")), document=document, by=clerk, rights=rights_of(clerk))
    assert fresh(document).readable.number == 1
    work()
    document = fresh(document)
    assert document.readable.number == 2
    assert PageIndex.objects.filter(document=document).values_list("page__text", flat=True)[0] == "new words"


def test_slow_work_is_told_when_it_begins_and_when_it_must_wait_again(send, clerk, fresh):
    document = send(clerk)
    job = Job.objects.get(pk=document.job_id)
    processing.began([job])
    processing.began([job])
    assert (fresh(document).status, fresh(document).newest.status) == ("processing", "processing")
    processing.waits_again([job])
    assert fresh(document).status == "queued"
    processing.died([job])
    document = fresh(document)
    assert (document.status, document.newest.error_code) == ("failed", "internal")
    processing.began([job])
    assert fresh(document).status == "failed"
    processing.start_over([job])
    assert (fresh(document).status, fresh(document).settled_at) == ("queued", None)
    statuses = [status for type, status in told(document) if type == "document.status"]
    assert statuses == ["processing", "queued", "failed", "queued"]


def test_a_stopped_document_is_cancelled_and_stays_so(send, work, clerk, fresh):
    document = send(clerk)
    control.cancel(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    work()
    assert fresh(document).status == Status.CANCELLED
    assert not Page.objects.exists()


def test_the_same_bytes_twice_are_read_once(send, work, clerk, fresh):
    first = send(clerk, samples.pdf("same bytes"))
    second = send(clerk, samples.pdf("same bytes"), "again.pdf")
    work()
    second = fresh(second)
    assert (second.status, second.duplicate_of_id) == ("processed", first.pk)
    assert second.newest.pages.get().text == "same bytes"
    assert Job.objects.filter(kind="document.process").count() == 1


def test_time_limits_grow_with_the_file_and_end_before_the_job_does():
    assert processing.time_limit(0) == 30
    assert processing.time_limit(10 << 20) == 70
    assert processing.time_limit(1 << 40) < processing.KIND.time_limit.total_seconds()


def test_only_small_pdfs_and_texts_share_a_batch():
    small = Job(size=1000, payload={"content_type": "application/pdf"})
    assert processing.is_short(small)
    assert not processing.is_short(Job(size=2 << 20, payload={"content_type": "application/pdf"}))
    assert not processing.is_short(Job(size=1000, payload={"content_type": "image/tiff"}))


def _upload(data):
    return Upload("new.pdf", file=io.BytesIO(data))


@pytest.mark.parametrize(
    ("reading", "indexing"),
    [
        (Priority.EMERGENCY, Priority.HIGH),
        (Priority.NORMAL, Priority.LOW),
        (Priority.LOW, Priority.LOW),
    ],
)
def test_text_is_readable_before_anybodys_text_is_searchable(send, clerk, reviewer, reading, indexing, monkeypatch):
    monkeypatch.setattr(claiming, "_limit", lambda kind: 1)  # a quick machine would read both in one batch
    first, second = send(clerk, priority=reading), send(clerk, samples.pdf("other words"), priority=reading)
    while not Document.objects.filter(pk=first.pk, status=Status.PROCESSED).exists():
        running.work_off(claiming.claim("low", worker="me")[:1])
    ordered = Job.objects.get(kind="document.index", subject_id=str(first.pk))
    assert ordered.priority == ordered.urgency == indexing
    if reading != indexing:
        following = claiming.claim("low", worker="me")
        while following[0].kind == "document.settled":  # which workflow it starts is as urgent as its reading was
            following = claiming.claim("low", worker="me")
        assert [job.subject_id for job in following] == [str(second.pk)]
