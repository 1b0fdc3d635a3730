"""Administration of documents, their versions and batches, and where papers come from."""

from documents.admin.papers import BatchAdmin, DocumentAdmin, VersionAdmin
from documents.admin.sources import SourceAdmin

__all__ = ["BatchAdmin", "DocumentAdmin", "SourceAdmin", "VersionAdmin"]
