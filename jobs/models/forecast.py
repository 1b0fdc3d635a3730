from django.db import models


class Forecast(models.Model):
    """What was foretold for a job as it began to wait: kept for a day, to be compared with what came."""

    job_id = models.UUIDField(primary_key=True, help_text="the job, which may be removed meanwhile")
    told_at = models.DateTimeField()
    raw = models.FloatField(help_text="seconds, from the rates alone")
    told = models.FloatField(help_text="seconds, corrected by how far off the rates were lately")

    class Meta:
        indexes = [models.Index(fields=["told_at"], name="forecast_told_at")]

    def __str__(self) -> str:
        return f"{self.told:.1f} s for {self.job_id}"
