from django.db import models


class Death(models.Model):
    """A worker process that ended without signing off."""

    worker = models.CharField(max_length=80, primary_key=True, help_text="host:pid:start")
    at = models.DateTimeField(help_text="when it was noticed")

    def __str__(self) -> str:
        return self.worker
