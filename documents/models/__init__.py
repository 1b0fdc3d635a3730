from documents.models.batch import Batch, Refused
from documents.models.blob import Blob
from documents.models.document import Access, Document, DocumentType, Language, Status
from documents.models.idempotency import IdempotentRequest
from documents.models.ledger import LedgerDay, StorageRound
from documents.models.page import Page, PageIndex
from documents.models.remembered import RememberedTime
from documents.models.saved_view import SavedView
from documents.models.share import Share
from documents.models.source import Source
from documents.models.version import Version

__all__ = [
    "Access",
    "Batch",
    "Blob",
    "Document",
    "DocumentType",
    "IdempotentRequest",
    "Language",
    "LedgerDay",
    "Page",
    "PageIndex",
    "Refused",
    "RememberedTime",
    "SavedView",
    "Share",
    "Source",
    "Status",
    "StorageRound",
    "Version",
]
