from django.conf import settings
from django.db import models


class Mail(models.TextChoices):
    """When a notification of some kind goes out by e-mail."""

    NEVER = "never", "never"
    AT_ONCE = "at_once", "at once"
    HOURLY = "hourly", "every hour"
    DAILY = "daily", "once a day"


class Digest(models.Model):
    """One e-mail about notifications of one person: made, handed to the mail server once, and what became of it."""

    class State(models.TextChoices):
        MADE = "made", "waits to be sent"
        HANDED = "handed", "being handed to the mail server"
        SENT = "sent", "taken by the mail server"
        UNKNOWN = "unknown", "broken off while it was handed over; not sent again"
        GIVEN_UP = "given_up", "refused by the mail server, or nobody to send it to"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.MADE)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(help_text="not tried before then")
    handed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state__in=["made", "handed"]), name="digest_open"),
            models.Index(fields=["made_at"], name="digest_by_age"),
        ]

    def __str__(self) -> str:
        return f"digest {self.pk}: {self.state}"


class Notice(models.Model):
    """A notification: what one person is to know. What is alike joins an unread one of the same `grouped`.

    `items` are the last few subjects, newest first: `{"subject": "document:<id>", "title", "detail", …}`, shown only
    while the person may see them. `count` says of how many it tells.
    """

    id = models.BigAutoField(primary_key=True)
    serial = models.BigIntegerField(help_text="rises with each change: the order of the list")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    grouped = models.CharField(max_length=200, help_text="what joins an unread one, and within which stretch of time")
    importance = models.CharField(max_length=8)
    count = models.PositiveIntegerField(default=1)
    items = models.JSONField()
    in_app = models.BooleanField(default=True, help_text="shown at the bell; else it is only mailed")
    first_at = models.DateTimeField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True, help_text="due to be mailed then")
    digest = models.ForeignKey(Digest, null=True, on_delete=models.SET_NULL, related_name="notices")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "grouped"], condition=models.Q(read_at__isnull=True), name="notice_joins"
            )
        ]
        indexes = [
            models.Index("user", models.F("serial").desc(), name="notice_list"),
            models.Index(
                fields=["user", "serial"], condition=models.Q(read_at__isnull=True, in_app=True), name="notice_unread"
            ),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notice_to_mail"),
            models.Index(fields=["at"], name="notice_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.count})"


class NoticePreferences(models.Model):
    """What one person chose. `kinds` holds what differs from the usual: `{"document.failed": {"in_app", "mail"}}`.

    Between `quiet_from` and `quiet_to` (local time, over midnight too) nothing pops up and no mail goes out.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    kinds = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    timezone = models.CharField(max_length=60, default="Asia/Kolkata")
    language = models.CharField(max_length=8, default="en", help_text="of the e-mail")

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class Follow(models.Model):
    """Somebody wants to hear of a subject (`document:<id>`) although it is not theirs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "user"], name="followed_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.subject}"
