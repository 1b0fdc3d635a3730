"""Administration of documents, their versions and batches, and where papers come from."""

from documents.admin.ledger import LedgerDayAdmin, StorageRoundAdmin
from documents.admin.papers import BatchAdmin, DocumentAdmin, VersionAdmin
from documents.admin.sources import SourceAdmin

__all__ = ["BatchAdmin", "DocumentAdmin", "LedgerDayAdmin", "SourceAdmin", "StorageRoundAdmin", "VersionAdmin"]
