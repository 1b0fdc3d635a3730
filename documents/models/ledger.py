from django.db import models


class LedgerDay(models.Model):
    """A day's receipts and where they are now, as of the last check: the receipt ledger."""

    day = models.DateField(primary_key=True, help_text="when they were received")
    counts = models.JSONField(default=dict)
    differences = models.JSONField(default=list, help_text="what does not add up, with the documents")
    checked_at = models.DateTimeField()
    seconds = models.FloatField(default=0.0)
    checks = models.PositiveIntegerField(default=0)
    bytes_checked = models.PositiveIntegerField(default=0, help_text="originals that were looked for in storage")
    bytes_all = models.PositiveIntegerField(default=0, help_text="originals that this day's documents have")

    class Meta:
        ordering = ["-day"]
        indexes = [models.Index(fields=["checked_at"], name="ledger_by_check")]
        verbose_name, verbose_name_plural = "day of the receipt ledger", "days of the receipt ledger"

    def __str__(self) -> str:
        return self.day.isoformat()

    @property
    def sound(self) -> bool:
        return not self.differences


class StorageRound(models.Model):
    """One walk through all originals in storage, in slices: every row's object exists, every object has a row."""

    number = models.PositiveIntegerField(primary_key=True)
    begun_at = models.DateTimeField()
    looked_at = models.DateTimeField(help_text="the last slice")
    ended_at = models.DateTimeField(null=True, blank=True)
    reached = models.CharField(max_length=64, blank=True, help_text="the SHA-256 up to which it has come")
    seen_objects = models.BigIntegerField(default=0)
    seen_rows = models.BigIntegerField(default=0)
    differences = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"round {self.number}"
