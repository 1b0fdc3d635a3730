"""What people are notified of about documents: what they would want to know, once, and no storm."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import Membership
from accounts.refusals import NotFound
from accounts.rights import rights_of
from documents import bin, control, intake, settling, versions
from documents.intake import Upload
from documents.models import Access, Document
from documents.outcomes import Failed
from realtime.models import Event, Notice
from realtime.notices import following
from tests.intake import samples
from tests.notifications.conftest import GOOD, TORN, of, rows, settle, texts


def test_who_sent_a_paper_that_cannot_be_read_is_told_and_nobody_else(send, clerk, head, administrator):
    document = send(clerk, "torn.pdf")
    settle([document], TORN)
    (one,) = of(clerk)
    assert (one.text, one.detail, one.importance) == ("“torn” cannot be read", "It is torn.", "high")
    assert (one.address, one.read, one.count) == (f"/documents/{document.pk}/", False, 1)
    assert Notice.objects.exclude(user=clerk).count() == 0


def test_a_paper_that_is_read_as_quickly_as_usual_tells_nothing(send, clerk):
    settle([send(clerk)])
    assert Notice.objects.count() == 0


def test_a_paper_that_took_long_is_told_when_it_is_read(send, clerk):
    settle([send(clerk, "slow.pdf", minutes_ago=2), send(clerk, "quick.pdf")])
    assert texts(clerk) == ["“slow” is read"]


def test_many_of_a_kind_are_one_notification_that_grows(send, clerk):
    settle([send(clerk, f"{n}.pdf", minutes_ago=3) for n in range(7)])
    settle([send(clerk, f"more {n}.pdf", minutes_ago=3) for n in range(5)])
    (one,) = of(clerk)
    assert (one.text, one.count) == ("12 of your documents are read", 12)
    assert {part.title for part in one.parts} == {f"more {n}" for n in range(5)}
    assert one.address == "/documents/?mine=1"


def test_what_was_read_is_not_added_to(send, clerk, reading_all):
    settle([send(clerk, "one.pdf")], TORN)
    reading_all(clerk)
    settle([send(clerk, "two.pdf")], TORN)
    assert [(one.text, one.read) for one in of(clerk)] == [
        ("“two” cannot be read", False),
        ("“one” cannot be read", True),
    ]


def test_the_same_paper_twice_counts_once(send, clerk):
    document = send(clerk, "torn.pdf")
    settle([document], TORN)
    control.reprocess(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    settle([document], TORN)
    (one,) = of(clerk)
    assert (one.count, one.text) == (1, "“torn” cannot be read")


@pytest.mark.parametrize("torn", [0, 3])
def test_a_batch_of_many_makes_one_notification_when_it_is_done(send_batch, clerk, commits, torn):
    batch = send_batch(clerk, 40)
    documents = list(Document.objects.filter(batch=batch).order_by("pk"))
    settle(documents[:16])
    settle(documents[16:32])
    assert Notice.objects.count() == 0
    if torn:
        settle(documents[32 : 32 + torn], TORN)
    settle(documents[32 + torn :])
    (one,) = of(clerk)
    if torn:
        assert (one.text, one.importance) == ("Your batch is done: 37 read, 3 cannot be read", "high")
    else:
        assert (one.text, one.importance) == ("Your 40 documents are all read", "normal")
    assert one.address == f"/documents/?batch={batch.pk}"


def test_a_batch_is_done_once_and_its_papers_speak_for_themselves_afterwards(send_batch, clerk):
    batch = send_batch(clerk, 2)
    documents = list(Document.objects.filter(batch=batch).order_by("pk"))
    settle(documents)
    control.reprocess(document_id=documents[0].pk, by=clerk, rights=rights_of(clerk))
    settle(documents[:1], TORN)
    assert texts(clerk) == [f"“{documents[0].title}” cannot be read", "Your 2 documents are all read"]


def test_a_batch_that_was_stopped_altogether_tells_nothing(send_batch, clerk):
    batch = send_batch(clerk, 2)
    for document in Document.objects.filter(batch=batch):
        control.cancel(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    assert Notice.objects.count() == 0


def test_a_batch_of_what_is_known_already_is_done_at_once(send_batch, clerk):
    settle(list(Document.objects.filter(batch=send_batch(clerk, 3))))
    Notice.objects.all().delete()
    send_batch(clerk, 3)
    assert texts(clerk) == ["Your 3 documents are all read"]


def test_a_duplicate_that_awaited_what_cannot_be_read_is_told_to_who_sent_it(send, clerk, reviewer, api_source):
    data = samples.pdf("the same")
    pair = [
        intake.submit(Upload("a.pdf", file=io.BytesIO(data)), by=who, rights=rights_of(who), source="api",
                      department="operations")
        for who in (clerk, reviewer)
    ]  # fmt: skip
    assert pair[1].duplicate_of_id == pair[0].pk
    settle(pair[:1], TORN)
    assert texts(clerk) == texts(reviewer) == ["“a” cannot be read"]


def new_version(document: Document, by) -> None:
    upload = Upload("next.pdf", file=io.BytesIO(samples.pdf(f"next {document.versions.count()}")))
    versions.add(upload, document=document, by=by, rights=rights_of(by))


def test_a_new_version_is_told_to_whose_paper_it_is_and_to_who_follows_it_but_not_to_who_brought_it(
    send, clerk, head, reviewer
):
    document = send(clerk, "plan.pdf")
    settle([document])
    following.follow(f"document:{document.pk}", rights=rights_of(reviewer))
    following.follow(f"document:{document.pk}", rights=rights_of(head))
    new_version(document, head)
    assert texts(clerk) == texts(reviewer) == ["Version 2 of “plan” came, from head"]
    assert texts(head) == []
    following.unfollow(f"document:{document.pk}", rights=rights_of(reviewer))
    settle([document])
    new_version(document, clerk)
    assert texts(head) == ["Version 3 of “plan” came, from clerk"]
    assert texts(reviewer) == ["Version 2 of “plan” came, from head"]


def test_nobody_follows_what_he_may_not_see(send, clerk, outsider):
    document = send(clerk)
    with pytest.raises(NotFound):
        following.follow(f"document:{document.pk}", rights=rights_of(outsider))
    assert following.followers(f"document:{document.pk}") == []


def test_of_a_paper_that_one_may_no_longer_see_nothing_is_told(send, clerk, head):
    document = send(clerk, "secret plan.pdf")
    settle([document], TORN)
    Document.objects.filter(pk=document.pk).update(access=Access.RESTRICTED)
    (one,) = of(clerk)
    assert one.hidden
    assert (one.text, one.detail, one.address, one.parts) == (
        "A document of yours cannot be read; you may no longer see it", "", "", [],
    )  # fmt: skip
    assert "secret" not in str(Event.objects.filter(type="notification").values_list("data", flat=True))


def test_of_several_only_those_are_named_that_may_still_be_seen(send, clerk, safety):
    papers = [send(clerk, "open.pdf"), send(clerk, "moved.pdf")]
    settle(papers, TORN)
    Document.objects.filter(pk=papers[1].pk).update(department=safety)
    (one,) = of(clerk)
    assert (one.text, [part.title for part in one.parts]) == ("2 of your documents cannot be read", ["open"])
    Membership.objects.filter(user=clerk).delete()
    (one,) = of(clerk)
    assert (one.count, one.parts) == (2, [])


def test_it_is_written_with_the_change_or_not_at_all(send, clerk):
    document = send(clerk)

    def settled_and_broken_off() -> None:
        with transaction.atomic():
            settling.settle([(document.newest_id, TORN)])
            assert len(rows(clerk)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        settled_and_broken_off()
    assert rows(clerk) == []


def test_an_upload_costs_no_statement_more_and_settling_at_most_one(send, clerk, send_batch):
    def notices_in(act) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            act()
        return [q["sql"] for q in queries if "notice" in q["sql"]]

    made = []
    assert notices_in(lambda: made.append(send(clerk, "a.pdf"))) == []
    assert notices_in(lambda: settle(made)) == []
    torn = [send(clerk, f"torn {n}.pdf", minutes_ago=2) for n in range(8)]
    assert len(notices_in(lambda: settle(torn, TORN))) == 1
    papers = list(Document.objects.filter(batch=send_batch(clerk, 6)))
    assert notices_in(lambda: settle(papers[:3])) == []
    assert len(notices_in(lambda: settle(papers[3:], GOOD))) == 1


def test_of_those_who_settle_the_last_papers_of_a_batch_at_once_one_tells_that_it_is_done(
    transactional_db, send_batch, clerk
):
    batch = send_batch(clerk, 24)
    papers = list(Document.objects.filter(batch=batch).order_by("pk"))
    start = threading.Barrier(4)

    def work(part: list[Document]) -> None:
        start.wait(10)
        settle(part)
        connection.close()

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(work, [papers[n::4] for n in range(4)]))
    assert texts(clerk) == ["Your 24 documents are all read"]


def test_why_a_paper_cannot_be_read_is_said_in_the_language_of_the_page(client, send, clerk):
    document = send(clerk, "locked.pdf")
    settle([document], Failed("timeout", "Reading this file took too long; the gateway stopped it."))
    client.force_login(clerk)
    client.post("/language/", {"language": "ml"})
    with translation.override("en"):  # whatever the page switches to, the tests after this one speak English
        page = client.get("/notifications/").content.decode()
    assert "“locked” വായിക്കാനാവുന്നില്ല" in page
    assert "took too long" not in page


def test_of_a_paper_that_is_gone_for_good_nothing_is_named_and_nobody_follows_it(send, clerk, reviewer):
    document = send(clerk, "gone.pdf")
    settle([document], TORN)
    following.follow(f"document:{document.pk}", rights=rights_of(reviewer))
    bin.discard(document_id=document.pk, by=clerk, rights=rights_of(clerk))
    Document.objects.update(binned_at=timezone.now() - timedelta(days=31))
    assert bin.empty() == 1
    assert following.followers(f"document:{document.pk}") == []
    assert texts(clerk) == ["A document of yours cannot be read; you may no longer see it"]
