from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from documents.models.document import Document
from documents.models.version import Version


class Page(models.Model):
    """The text of one page of one version."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="pages", db_index=False)
    number = models.PositiveIntegerField(help_text="1 for the first")
    text = models.TextField()
    confidence = models.FloatField(default=1.0, help_text="0 to 1")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="one_page_by_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.version} p{self.number}"


class PageIndex(models.Model):
    """What search looks in: one row a page of each document's readable version, written by `document.index`.

    No foreign keys in the database: who writes or removes these rows holds the document's row lock.
    """

    page = models.OneToOneField(
        Page, primary_key=True, on_delete=models.CASCADE, related_name="index", db_constraint=False
    )
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="page_words")]
        verbose_name_plural = "page indexes"

    def __str__(self) -> str:
        return str(self.page_id)
