from django.conf import settings
from django.db import models

from accounts.identifiers import new_id
from accounts.models import Department
from documents.models.source import Source


class Batch(models.Model):
    """Files that were sent in one call, to one source and department (no `source`: before this was noted)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return str(self.id)


class Refused(models.Model):
    """A file of a batch that was refused at the door, and why. Nothing else of it is kept."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="refused")
    filename = models.CharField(max_length=255)
    code = models.CharField(max_length=40)
    detail = models.TextField()

    class Meta:
        verbose_name_plural = "refused files"

    def __str__(self) -> str:
        return f"{self.filename}: {self.code}"
