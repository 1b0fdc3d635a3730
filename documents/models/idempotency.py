from django.db import models


class IdempotentRequest(models.Model):
    """What an `Idempotency-Key` was answered with, for 24 hours. Written in the transaction of the upload."""

    credential = models.CharField(max_length=60, help_text="user:<id> or key:<id>")
    route = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 over the request's fields and bytes")
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(help_text="what to look up for the answer: document or batch id")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential", "route", "key"], name="one_answer_by_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.credential} {self.route} {self.key}"
