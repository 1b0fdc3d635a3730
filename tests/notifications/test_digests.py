"""E-mail: one digest when it is due, once, whoever sends it and whatever breaks off."""

import smtplib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts.rights import rights_of
from documents.models import Access, Document
from kmrl.celery import app
from realtime.models import Digest, Notice
from realtime.notices import digests, kinds, preferences, reading, telling
from realtime.notices.preferences import Quiet
from realtime.notices.telling import News
from tests.notifications.conftest import PARCEL, TORN, settle


class PowerCut(BaseException):
    """The process is gone at this line."""


@pytest.fixture(autouse=True)
def _post(settings, monkeypatch, mailoutbox) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    settings.PUBLIC_URL = "https://papers.example.org"
    monkeypatch.setitem(kinds._kinds, PARCEL.name, PARCEL)


@pytest.fixture
def wants(db) -> Callable[..., None]:
    """`wants(clerk, "daily")`: mail about parcels."""

    def choose(user, when: str = "at_once", quiet: Quiet | None = None, **more) -> None:
        choices = {PARCEL.name: (True, when), "document.failed": (True, when)}
        preferences.save(user.pk, rights_of(user), choices=choices, quiet=quiet, **more)

    return choose


@pytest.fixture(autouse=True)
def _choosable(monkeypatch) -> None:
    monkeypatch.setattr(kinds, "concerning", lambda rights: list(kinds._kinds.values()))


def parcel(user, number: int = 1) -> None:
    telling.notify(News(kind=PARCEL, to=user.pk, subject=f"document:{number}", title=f"T{number}", group=str(number)))


def states() -> list[str]:
    return list(Digest.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_due_together_comes_in_one_mail(send, clerk, head, wants):
    wants(clerk)
    document = send(clerk, "torn.pdf")
    settle([document], TORN)
    parcel(clerk)
    parcel(head)  # who wants no mail about it
    assert digests.send_due() == 1
    (one,) = mail.outbox
    assert (one.to, one.subject) == (["clerk@example.com"], "KMRL Gateway: 2 notifications")
    assert "“torn” cannot be read" in one.body and "It is torn." in one.body and "Parcel hidden" in one.body
    assert f"https://papers.example.org/documents/{document.pk}/" in one.body
    assert one.extra_headers["Auto-Submitted"] == "auto-generated"
    assert digests.send_due() == 0 and len(mail.outbox) == 1
    assert states() == ["sent"]


def test_it_tells_nothing_of_what_its_reader_may_no_longer_see(send, clerk, wants):
    wants(clerk)
    document = send(clerk, "secret plan.pdf")
    settle([document], TORN)
    Document.objects.filter(pk=document.pk).update(access=Access.RESTRICTED)
    digests.send_due()
    (one,) = mail.outbox
    assert "secret" not in one.body + one.subject and str(document.pk) not in one.body
    assert "It is torn" not in one.body


def test_it_speaks_the_language_that_was_chosen(clerk, wants, send):
    wants(clerk, language="ml")
    settle([send(clerk, "torn.pdf")], TORN)
    digests.send_due()
    assert "“torn” വായിക്കാനാവുന്നില്ല" in mail.outbox[0].subject
    assert "നമസ്കാരം" in mail.outbox[0].body


def test_what_was_read_before_is_not_mailed(clerk, wants):
    wants(clerk)
    parcel(clerk, 1)
    parcel(clerk, 2)
    reading.mark_read(clerk.pk)
    assert digests.send_due() == 0
    parcel(clerk, 3)
    digests.gather(timezone.now())
    reading.mark_read(clerk.pk)  # after it was gathered
    assert digests.send_due() == 0
    assert (mail.outbox, states()) == ([], ["given_up"])


def test_an_hourly_and_a_daily_one_wait_for_their_time(clerk, head, wants, monkeypatch):
    wants(clerk, "hourly")
    wants(head, "daily")
    now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 09:30 in Kochi
    for minutes, written in ((0, 0), (20, 0), (30, 1), (1349, 1), (1350, 2)):  # 10:00, and 08:00 of the next day
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: now + timedelta(minutes=minutes))
        if minutes < 30:
            parcel(clerk, minutes)
            parcel(head, minutes)
        digests.send_due()
        assert len(mail.outbox) == written
    assert [one.to[0].partition("@")[0] for one in mail.outbox] == ["clerk", "head"]
    assert {one.subject for one in mail.outbox} == {"KMRL Gateway: 2 notifications"}


def test_in_quiet_hours_nothing_is_mailed_and_afterwards_all_of_it_together(clerk, wants, monkeypatch):
    wants(clerk, quiet=Quiet(time(21), time(7)), zone="UTC")
    for hour, number in ((22, 1), (26, 2), (30, 3)):
        monkeypatch.setattr(
            timezone, "now", lambda hour=hour: datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour)
        )
        parcel(clerk, number)
        assert digests.send_due() == 0
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    assert digests.send_due() == 1
    assert mail.outbox[0].subject == "KMRL Gateway: 3 notifications"


def test_several_processes_send_each_digest_once(transactional_db, person, wants):
    people = [person(f"p{n}") for n in range(6)]
    for one in people:
        wants(one)
        parcel(one)
    start = threading.Barrier(4)

    def send(_: int) -> int:
        start.wait(10)
        try:
            return digests.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as hands:
        assert sum(hands.map(send, range(4))) == 6
    assert sorted(one.to[0] for one in mail.outbox) == [f"p{n}@example.com" for n in range(6)]
    assert states() == ["sent"] * 6


def test_killed_before_it_was_handed_over_the_next_one_sends_it(clerk, wants, monkeypatch):
    wants(clerk)
    parcel(clerk)
    with monkeypatch.context() as cut:
        cut.setattr(EmailBackend, "open", _cut)
        with pytest.raises(PowerCut):
            digests.send_due()
    assert (states(), mail.outbox) == (["made"], [])
    assert digests.send_due() == 1
    assert (len(mail.outbox), states()) == (1, ["sent"])


def test_killed_after_it_was_handed_over_nobody_sends_it_again(clerk, wants, monkeypatch, caplog):
    wants(clerk)
    parcel(clerk)
    with monkeypatch.context() as cut:
        cut.setattr(digests, "_end", _cut)
        with pytest.raises(PowerCut):
            digests.send_due()
    assert (len(mail.outbox), states()) == (1, ["handed"])
    assert digests.send_due() == 0
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert digests.send_due() == 0
    assert (len(mail.outbox), states()) == (1, ["unknown"])
    assert "not sent again" in caplog.text


def _cut(*args: object, **more: object) -> None:
    raise PowerCut


def test_a_mail_server_that_is_away_keeps_nothing_from_being_sent_later(clerk, wants, monkeypatch, caplog):
    wants(clerk)
    parcel(clerk)

    def away(self: EmailBackend) -> None:
        raise ConnectionRefusedError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", away)
        for _ in range(9):
            assert digests.send_due() == 0
    assert "does not answer" in caplog.text
    assert digests.send_due() == 1


def test_what_the_server_refuses_is_tried_some_times_and_then_given_up(clerk, wants, monkeypatch, caplog):
    wants(clerk)
    parcel(clerk)
    tried = []

    def refuse(self: EmailMessage) -> int:
        tried.append(self.extra_headers["Message-ID"])
        raise smtplib.SMTPDataError(451, b"later")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    now = timezone.now()
    for hours in range(12):
        monkeypatch.setattr(timezone, "now", lambda hours=hours: now + timedelta(hours=hours))
        digests.send_due()
    assert len(tried) == digests.TRIES and len(set(tried)) == 1
    assert states() == ["given_up"]


def test_without_a_mail_server_or_an_address_nothing_is_sent_and_nothing_breaks(clerk, wants, settings):
    wants(clerk)
    parcel(clerk)
    settings.EMAIL_HOST = ""
    assert digests.send_due() == 0
    settings.EMAIL_HOST = "mail.example.com"
    clerk.email = ""
    clerk.save()
    assert digests.send_due() == 0
    assert states() == ["given_up"]


def test_the_clock_sends_them_once_a_minute_past_any_backlog():
    app.loader.import_default_modules()
    tick = app.conf.beat_schedule["realtime.tasks.send_digests"]
    assert (tick["task"] in app.tasks, tick["schedule"], tick["options"]["queue"]) == (True, 60.0, "high")


def test_who_wants_mail_no_longer_gets_none_of_what_waited(clerk, wants):
    wants(clerk, "daily")
    parcel(clerk)
    wants(clerk, "never")
    assert Notice.objects.filter(mail_at__isnull=False).count() == 0


def test_what_nobody_could_mail_for_days_is_no_news(clerk, wants):
    wants(clerk)
    parcel(clerk)
    Notice.objects.update(mail_at=timezone.now() - timedelta(days=4))
    assert digests.send_due() == 0
    assert (Digest.objects.count(), reading.unread(clerk.pk)) == (0, 1)
