from django.db import models


class Worker(models.Model):
    """A process that runs jobs, as it last reported."""

    id = models.CharField(max_length=80, primary_key=True, help_text="host:pid:start")
    queues = models.JSONField(default=list)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    space = models.CharField(max_length=80, blank=True, help_text="whose pids these are: boot and pid namespace")
    concurrency = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    busy = models.PositiveSmallIntegerField(default=0, help_text="hands that work, of `concurrency`")
    draining = models.BooleanField(default=False)
    memory_mb = models.PositiveIntegerField(default=0)
    jobs_done = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.id

    @property
    def short_id(self) -> str:
        """At most 40 characters, for the history."""
        return self.id[-40:]
