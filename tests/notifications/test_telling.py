"""Writing notifications: gathered, by preference, at the right time for mail, and told live."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.rights import rights_of
from realtime import audiences, sequencer
from realtime.catalogue import Notification
from realtime.models import Event, Notice, NoticePreferences
from realtime.notices import forgetting, kinds, preferences, reading, telling
from realtime.notices.preferences import Quiet
from realtime.notices.telling import News
from tests.notifications.conftest import PARCEL, rows


def parcel(user, subject: str = "document:1", **more) -> News:
    return News(kind=PARCEL, to=user.pk, subject=subject, title=f"T{subject[-1]}", **more)


@pytest.fixture(autouse=True)
def _known(monkeypatch) -> None:
    monkeypatch.setitem(kinds._kinds, PARCEL.name, PARCEL)


def at(monkeypatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def choose(user, *, in_app: bool = True, mail: str = "never", quiet: Quiet | None = None, **more) -> None:
    choices = {PARCEL.name: (in_app, mail)}
    preferences.save(user.pk, rights_of(user), choices=choices, quiet=quiet, **more)


def test_what_is_alike_joins_within_the_hour_and_not_after_it(clerk, monkeypatch):
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    at(monkeypatch, noon)
    telling.notify(parcel(clerk))
    first = rows(clerk)[0]
    at(monkeypatch, noon + timedelta(minutes=59))
    telling.notify(parcel(clerk, "document:2"))
    (one,) = rows(clerk)
    assert (one.count, one.pk, one.first_at, one.at) == (2, first.pk, noon, noon + timedelta(minutes=59))
    assert one.serial > first.serial
    assert [item["subject"] for item in one.items] == ["document:2", "document:1"]
    at(monkeypatch, noon + timedelta(minutes=61))
    telling.notify(parcel(clerk, "document:3"))
    assert [one.count for one in rows(clerk)] == [2, 1]


def test_other_groups_and_other_people_stay_apart(clerk, head):
    telling.notify_many([parcel(clerk), parcel(clerk, group="b"), parcel(head), parcel(head, "document:2")])
    assert sorted(one.count for one in rows(clerk)) == [1, 1]
    assert [one.count for one in rows(head)] == [2]


def test_only_the_last_few_are_named_and_none_twice(clerk):
    telling.notify_many([parcel(clerk, f"document:{n}") for n in range(8)])
    telling.notify(parcel(clerk, "document:7"))
    (one,) = rows(clerk)
    assert one.count == 8
    assert [item["subject"][-1] for item in one.items] == ["7", "6", "5", "4", "3"]


def test_what_is_told_once_is_not_told_again_after_it_was_read(clerk):
    for _ in range(3):
        telling.notify(parcel(clerk, group="g", once=True))
        reading.mark_read(clerk.pk)
    assert len(rows(clerk)) == 1


def test_nobody_is_told_who_has_left_the_house(clerk):
    clerk.is_active = False
    clerk.save()
    telling.notify(parcel(clerk))
    assert rows(clerk) == []


def test_each_change_is_told_live_and_says_nothing_of_its_subject(clerk):
    telling.notify(parcel(clerk, "document:1"))
    telling.notify(parcel(clerk, "document:2"))
    notice = rows(clerk)[0]
    told = Event.objects.filter(type="notification").order_by("id")
    assert [one.data for one in told] == [
        Notification(id=notice.pk, kind="parcel", importance="high", count=count, quiet=False).data()
        for count in (1, 2)
    ]
    assert {key for one in told for key in one.audience} == {audiences.user(clerk.pk)}


def test_who_wants_it_nowhere_gets_no_row_and_who_wants_it_by_mail_alone_no_bell(clerk, head):
    choose(clerk, in_app=False)
    choose(head, in_app=False, mail="at_once")
    telling.notify_many([parcel(clerk), parcel(head)])
    assert rows(clerk) == []
    (one,) = rows(head)
    assert one.mail_at is not None and not one.in_app
    assert reading.unread(head.pk) == 0
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("mail", "zone", "due"),
    [
        ("at_once", "Asia/Kolkata", "2026-11-23T02:10"),
        ("hourly", "Asia/Kolkata", "2026-11-23T02:30"),  # 07:40 there: at 08:00
        ("daily", "Asia/Kolkata", "2026-11-23T02:30"),
        ("daily", "Europe/Berlin", "2026-11-23T07:00"),  # 03:10 there: at 08:00
        ("daily", "Asia/Tokyo", "2026-11-23T23:00"),  # 11:10 there: tomorrow
        ("never", "Asia/Kolkata", None),
    ],
)
def test_mail_is_due_when_the_person_wants_it_where_the_person_is(clerk, monkeypatch, mail, zone, due):
    at(monkeypatch, datetime(2026, 11, 23, 2, 10, tzinfo=UTC))
    choose(clerk, mail=mail, zone=zone)
    telling.notify(parcel(clerk))
    found = rows(clerk)[0].mail_at
    assert (found and found.astimezone(UTC).isoformat()[:16]) == due


@pytest.mark.parametrize(
    ("begin", "end", "hour", "quiet"),
    [(21, 7, 22, True), (21, 7, 3, True), (21, 7, 7, False), (21, 7, 12, False), (9, 12, 11, True), (9, 12, 12, False)],
)
def test_in_quiet_hours_nothing_pops_up(clerk, monkeypatch, begin, end, hour, quiet):
    at(monkeypatch, datetime(2026, 11, 23, hour, 0, tzinfo=UTC))
    choose(clerk, quiet=Quiet(time(begin), time(end)), zone="UTC")
    telling.notify(parcel(clerk))
    assert Event.objects.get(type="notification").data["quiet"] is quiet
    assert preferences.is_quiet(NoticePreferences.objects.get(), timezone.now()) is quiet
    assert reading.unread(clerk.pk) == 1


def test_many_at_once_for_one_person_are_one_notification(transactional_db, clerk):
    start = threading.Barrier(8)

    def tell(number: int) -> None:
        start.wait(10)
        with transaction.atomic():
            telling.notify(parcel(clerk, f"document:{number}"))
        connection.close()

    with ThreadPoolExecutor(8) as hands:
        list(hands.map(tell, range(8)))
    assert [one.count for one in rows(clerk)] == [8]


def test_reading_up_to_a_position_leaves_what_came_or_grew_since(db, clerk):
    telling.notify_many([parcel(clerk, group="seen"), parcel(clerk, "document:2", group="grew")])
    position = sequencer.number_events()
    telling.notify_many([parcel(clerk, "document:3", group="grew"), parcel(clerk, "document:4", group="new")])
    assert reading.mark_read(clerk.pk, upto=position) == 1
    assert {one.grouped.partition("@")[0] for one in rows(clerk) if one.read_at is None} == {"grew", "new"}
    assert reading.mark_read(clerk.pk, upto=sequencer.number_events()) == 2


def test_old_ones_go_and_young_ones_stay(clerk, settings):
    settings.NOTICE_DAYS = 90
    telling.notify_many([parcel(clerk, group="old"), parcel(clerk, group="young")])
    Notice.objects.filter(grouped__startswith="old").update(at=timezone.now() - timedelta(days=91))
    assert forgetting.forget_old() == 1
    assert [one.grouped[:5] for one in rows(clerk)] == ["young"]
