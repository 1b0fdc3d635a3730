from django.conf import settings
from django.db import models

from workflows.models.instance import Instance


class KeptNews(models.Model):
    """Something that happened to a run which could not move: paused, or waiting for others. Told in order later."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="kept_news")
    kind = models.CharField(max_length=16, help_text="name of its class in workflows.engine.talk")
    said = models.JSONField(default=dict, help_text="its fields")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "kept news"

    def __str__(self) -> str:
        return f"{self.instance_id} {self.kind}"


class Dependency(models.Model):
    """What a run waits for before its first step: another run's end, or a document's being read."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="dependencies")
    event = models.CharField(max_length=60, help_text="workflow.finished or document.processed")
    key = models.CharField(max_length=120, help_text="id of the run or of the document")
    met_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "event", "key"], name="one_dependency_by_key")]
        indexes = [
            models.Index(fields=["event", "key"], condition=models.Q(met_at__isnull=True), name="dependency_unmet")
        ]
        verbose_name_plural = "dependencies"

    def __str__(self) -> str:
        return f"{self.event} {self.key}"
