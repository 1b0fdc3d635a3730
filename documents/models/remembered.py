from django.db import models


class RememberedTime(models.Model):
    """A time without a gap, all of whose receipts this database has (`documents.remembering`).

    After an older backup was restored there is no row for what came between the backup and the restore.
    """

    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="it was still so")
    incarnation = models.CharField(max_length=80, help_text="differs after most kinds of restore")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.begun_at} to {self.seen_at}"
