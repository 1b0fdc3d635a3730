from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from documents.models.blob import Blob
from documents.models.document import Document, Language, Status


class Version(models.Model):
    """One set of bytes of a document, and what reading them gave. The bytes never change."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="versions")
    original_filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120, help_text="from the bytes, not from the name")
    file_size = models.BigIntegerField(help_text="bytes")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    processed_at = models.DateTimeField(null=True, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    pages_awaiting_ocr = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.UND)
    confidence_score = models.FloatField(null=True, blank=True, help_text="0 to 1; see documents/confidence.py")
    flags = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_version_by_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"
