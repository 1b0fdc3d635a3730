"""Who is on duty gets one mail when something is wrong and one when it is over."""

import smtplib

from django.core.mail import EmailMessage

from jobs.alerts import mail
from jobs.models import Alert


def test_one_mail_when_raised_and_one_when_cleared(db, gauge, look, post):
    gauge.value = 10
    for _ in range(3):
        look()
    assert [(one.to, one.subject) for one in post] == [(["duty@example.com"], "KMRL Gateway: pressure (boiler)")]
    assert "Open the valve." in post[0].body
    gauge.value = 0
    for _ in range(3):
        look(after=31)
    assert [one.subject for one in post[1:]] == ["KMRL Gateway: over: pressure (boiler)"]


def test_without_an_address_or_a_server_no_mail(db, gauge, look, post, settings):
    gauge.value = 10
    settings.ALERT_EMAILS = []
    look()
    settings.ALERT_EMAILS, settings.EMAIL_HOST = ["duty@example.com"], ""
    look()
    assert post == []


def test_a_mail_server_that_is_away_holds_nothing_up_and_is_tried_again(db, gauge, look, post, monkeypatch, caplog):
    def away(self: EmailMessage) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    gauge.value = 10
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", away)
        assert look() == ["pressure (boiler) raised"]
    assert "could not be sent" in caplog.text and post == []
    look()
    look()
    assert len(post) == 1
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", away)
        Alert.objects.update(raise_mailed_at=None, mail_failures=0)
        for _ in range(8):
            mail.send_due()
    assert Alert.objects.get().mail_failures == mail.TRIES  # then nobody is bothered any more
