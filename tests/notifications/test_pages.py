"""The bell's pages: one's own, marked read, chosen; what they cost."""

from datetime import time
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import Access, Document
from realtime import sequencer
from realtime.models import NoticePreferences
from realtime.notices import following, kinds, telling
from realtime.notices.telling import News
from tests.notifications.conftest import PARCEL, TORN, rows, settle


@pytest.fixture
def as_clerk(client: Client, clerk) -> Client:
    client.force_login(clerk)
    return client


@pytest.fixture
def parcels(monkeypatch):
    monkeypatch.setitem(kinds._kinds, PARCEL.name, PARCEL)

    def send(user, count: int) -> None:
        for number in range(count):
            telling.notify(News(kind=PARCEL, to=user.pk, subject=f"alert:{number}", group=str(number)))

    return send


@pytest.mark.parametrize("name", ["notifications", "notifications-latest", "notification-preferences"])
def test_every_page_asks_who_you_are(client, db, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")


def test_every_page_shows_how_much_is_not_read_in_bell_and_title(as_clerk, clerk, parcels):
    assert "<title>Documents ·" in as_clerk.get("/documents/").content.decode()
    parcels(clerk, 3)
    page = as_clerk.get("/documents/").content.decode()
    assert "<title>(3) Documents ·" in page and "3 notifications not read" in page
    parcels(clerk, 120)
    assert "<title>(99+) Documents ·" in as_clerk.get("/documents/").content.decode()


def test_the_list_goes_on_by_pages_without_gap_or_double(as_clerk, clerk, parcels):
    parcels(clerk, 95)
    seen, address = [], reverse("notifications")
    while address:
        answer = as_clerk.get(address, headers={"X-Rows": "1"})
        seen += [int(part.partition('"')[0]) for part in answer.content.decode().split('data-notice="')[1:]]
        address = answer["X-More"]
    assert seen == [one.pk for one in reversed(rows(clerk))]


def test_a_list_costs_the_same_however_many_rows(as_clerk, clerk, send, parcels, django_assert_max_num_queries):
    settle([send(clerk, "torn.pdf")], TORN)
    as_clerk.get(reverse("notifications"))
    with django_assert_max_num_queries(30) as few:
        as_clerk.get(reverse("notifications"))
    parcels(clerk, 39)
    with django_assert_max_num_queries(len(few)):
        as_clerk.get(reverse("notifications"))


def test_nobody_sees_anothers(client, as_clerk, clerk, head, send):
    settle([send(clerk, "torn.pdf")], TORN)
    assert "torn" in as_clerk.get(reverse("notifications")).content.decode()
    client.force_login(head)
    for name in ("notifications", "notifications-latest"):
        assert "torn" not in client.get(reverse(name)).content.decode()
    client.post(reverse("notifications-read"), {"id": rows(clerk)[0].pk})
    client.post(reverse("notifications-read"), {"upto": sequencer.number_events()})
    assert rows(clerk)[0].read_at is None


def test_what_one_may_no_longer_see_has_no_name_on_any_page(as_clerk, clerk, send):
    document = send(clerk, "secret plan.pdf")
    settle([document], TORN)
    Document.objects.filter(pk=document.pk).update(access=Access.RESTRICTED)
    for name in ("notifications", "notifications-latest"):
        page = as_clerk.get(reverse(name)).content.decode()
        assert "you may no longer see it" in page
        assert "secret" not in page and str(document.pk) not in page


def test_marking_one_read_and_all_that_was_shown(as_clerk, clerk, parcels):
    parcels(clerk, 3)
    first = rows(clerk)[0].pk
    answer = as_clerk.post(reverse("notifications-read"), {"id": first, "unread": "1"})
    assert answer["Location"] == "/notifications/?unread=1"
    assert [one.read_at is None for one in rows(clerk)] == [False, True, True]
    position = sequencer.number_events()
    parcels(clerk, 1)  # one like the first, which was read
    as_clerk.post(reverse("notifications-read"), {"upto": position})
    assert [one.pk for one in rows(clerk) if one.read_at is None] == [rows(clerk)[-1].pk] != [first]
    assert as_clerk.get(reverse("notifications-read")).status_code == 405


def test_filters_find_what_they_say(as_clerk, clerk, parcels, send):
    settle([send(clerk, "torn.pdf")], TORN)
    parcels(clerk, 1)
    assert "torn" not in as_clerk.get("/notifications/?kind=parcel").content.decode()
    as_clerk.post(reverse("notifications-read"), {"id": next(r.pk for r in rows(clerk) if r.kind == "document.failed")})
    assert "torn" not in as_clerk.get("/notifications/?unread=1").content.decode()
    assert as_clerk.get("/notifications/?after=x").status_code == 404


def test_what_one_chooses_on_the_page_is_kept(as_clerk, clerk):
    page = as_clerk.get(reverse("notification-preferences")).content.decode()
    assert 'name="in_app.document.failed"' in page and "job.dead" not in page
    chosen = {
        "mail.document.failed": "hourly", "in_app.batch.finished": "1", "mail.batch.finished": "never",
        "quiet": "1", "quiet_from": "22:00", "quiet_to": "06:30", "timezone": "Asia/Kolkata", "language": "ml",
    }  # fmt: skip
    answer = as_clerk.post(reverse("notification-preferences"), chosen)
    assert answer.status_code == 302
    kept = NoticePreferences.objects.get(user=clerk)
    assert kept.kinds["document.failed"] == {"in_app": False, "mail": "hourly"}
    assert kept.kinds["batch.finished"] == {"in_app": True, "mail": "never"}
    assert (kept.quiet_from, kept.quiet_to, kept.language) == (time(22), time(6, 30), "ml")
    page = as_clerk.get(reverse("notification-preferences")).content.decode()
    assert "Saved." in page and 'value="22:00"' in page


@pytest.mark.parametrize(
    "wrong", [{"timezone": "Mars"}, {"quiet": "1", "quiet_from": "late"}, {"mail.document.failed": "yearly"}]
)
def test_what_cannot_be_kept_is_said_and_nothing_changes(as_clerk, clerk, wrong):
    said = {"timezone": "Asia/Kolkata", "language": "en", "quiet_from": "21:00", "quiet_to": "07:00"} | wrong
    answer = as_clerk.post(reverse("notification-preferences"), urlencode(said), "application/x-www-form-urlencoded")
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode()
    assert not NoticePreferences.objects.exists()


def test_following_from_the_page_of_a_document(client, send, clerk, reviewer, outsider):
    document = send(clerk)
    client.force_login(reviewer)
    assert "Follow" in client.get(f"/documents/{document.pk}/").content.decode()
    client.post(reverse("follow", args=[document.pk]), {"follow": "1"})
    assert following.followers(f"document:{document.pk}") == [reviewer.pk]
    assert "Unfollow" in client.get(f"/documents/{document.pk}/").content.decode()
    client.post(reverse("follow", args=[document.pk]), {"follow": "0"})
    assert following.followers(f"document:{document.pk}") == []
    client.force_login(outsider)
    assert client.post(reverse("follow", args=[document.pk]), {"follow": "1"}).status_code == 404


def test_the_papers_of_a_batch_have_a_list_of_their_own(as_clerk, clerk, send, send_batch):
    batch = send_batch(clerk, 2)
    send(clerk, "alone.pdf")
    page = as_clerk.get(f"/documents/?batch={batch.pk}").content.decode()
    assert "2 documents" in page and "alone" not in page
    assert "0 documents" in as_clerk.get("/documents/?batch=nonsense").content.decode()
