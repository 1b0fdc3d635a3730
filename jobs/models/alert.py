from django.conf import settings
from django.db import models


class Alert(models.Model):
    """Something that is wrong with the house and about what (`subject`), from when until when.

    At most one is open for a name and subject: the database sees to it, however many processes look at once.
    """

    class Level(models.TextChoices):
        ERROR = "error", "error"
        WARNING = "warning", "warning"

    name = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True, help_text="a queue, a disk, a day; empty for the house")
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ERROR)
    text = models.TextField(help_text="what happened and what to do")
    value = models.FloatField(help_text="as last measured while it was open")
    threshold = models.FloatField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    raise_mailed_at = models.DateTimeField(null=True, blank=True)
    clear_mailed_at = models.DateTimeField(null=True, blank=True)
    mail_failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "subject"], condition=models.Q(cleared_at__isnull=True), name="one_open_alert"
            )
        ]
        indexes = [models.Index(fields=["-raised_at"], name="alert_by_time")]

    def __str__(self) -> str:
        return f"{self.name} ({self.subject})" if self.subject else self.name


class Lookout(models.Model):
    """Whose turn it is to look, by scope: `house`, or one machine for what only it can see (its disks)."""

    scope = models.CharField(max_length=120, primary_key=True)
    looked_at = models.DateTimeField()
    turn = models.PositiveBigIntegerField(default=0, help_text="how often somebody looked")
    pending = models.JSONField(
        default=dict, help_text="what is not as it is said to be, and since when: nothing is said at once"
    )

    def __str__(self) -> str:
        return self.scope
