from django.conf import settings
from django.db import models


class HistoryEntry(models.Model):
    """One thing that somebody did to one subject. Append-only; the digests chain the entries of a subject."""

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField(help_text="1 for a subject's first entry, then without gaps")
    action = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150, help_text="kept as text: people leave")
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sequence"], name="one_history_entry_by_sequence"
            )
        ]
        verbose_name_plural = "history entries"

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} #{self.sequence} {self.action}"


class HistorySeal(models.Model):
    """A root over all history up to an entry: whoever keeps a copy of it can prove that nothing older was changed."""

    number = models.PositiveIntegerField(primary_key=True, help_text="1 for the first, then without gaps")
    up_to = models.BigIntegerField(help_text="id of the last entry that it covers")
    sealed_at = models.DateTimeField()
    entries = models.BigIntegerField(help_text="how many it adds to the seal before it")
    root = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Seal {self.number} ({self.root[:12]}…)"
